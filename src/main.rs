//! Arguments in, exit code out.

fn main() -> std::process::ExitCode {
    velo_tpc::cli::main()
}

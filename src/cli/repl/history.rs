//! Where the history is kept.

use std::ffi::OsString;
use std::path::PathBuf;

/// The file, in a folder that exists; `None` where there is no home for it.
pub(super) fn path() -> Option<PathBuf> {
    let path = path_in(std::env::var_os("XDG_STATE_HOME"), std::env::var_os("HOME"))?;
    std::fs::create_dir_all(path.parent()?).ok()?;
    Some(path)
}

fn path_in(state: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let state = state.map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || {
        let home = home.filter(|home| !home.is_empty())?;
        Some(PathBuf::from(home).join(".local/state"))
    };
    Some(state.or_else(home)?.join("velo-tpc/history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_folder_comes_before_home() {
        let path = |state: Option<&str>, home: Option<&str>| {
            path_in(state.map(Into::into), home.map(Into::into))
        };
        let at_home = Some("/home/a/.local/state/velo-tpc/history".into());
        assert_eq!(
            path(Some("/s"), Some("/home/a")),
            Some("/s/velo-tpc/history".into())
        );
        assert_eq!(path(None, Some("/home/a")), at_home);
        assert_eq!(
            path(Some("relative"), Some("/home/a")),
            at_home,
            "as XDG has it"
        );
        assert_eq!(path(None, None), None);
        assert_eq!(path(None, Some("")), None);
    }
}

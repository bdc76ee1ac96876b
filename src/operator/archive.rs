//! The envelope of every operator's snapshot: who wrote it, a checksum, and an rkyv payload.
//!
//! ```text
//! | magic 8 "VELOSNAP" | version u32 | name len u32 | hash seed u64 | payload len u64 | crc u32 | 0 u32 |
//! | name | payload |                                                                 little-endian
//! ```
//! The CRC-32 is over everything but itself, and is verified before the payload is looked at: rkyv's own
//! validation accepts many corruptions.

use crate::batch::{Column, ColumnData};
use crate::error::JobError;
use crate::types::DataType;
use rkyv::api::high::{HighDeserializer, HighSerializer, HighValidator};
use rkyv::bytecheck::CheckBytes;
use rkyv::rancor::Error;
use rkyv::ser::allocator::ArenaHandle;
use rkyv::util::AlignedVec;
use rkyv::{Archive, Deserialize, Serialize};

const MAGIC: &[u8; 8] = b"VELOSNAP";
const HEADER_BYTES: usize = 40;
const CRC_AT: usize = 32;

/// Who wrote an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveHeader<'a> {
    /// The operator's name.
    pub operator: &'a str,
    /// Version of its state's layout.
    pub version: u32,
    /// Seed of the key hash; vnodes and tables depend on it.
    pub hash_seed: u64,
}

/// Appends an archive of `state` to `out`.
pub fn write<T>(header: ArchiveHeader<'_>, state: &T, out: &mut Vec<u8>)
where
    T: for<'a> Serialize<HighSerializer<AlignedVec, ArenaHandle<'a>, Error>>,
{
    let payload = rkyv::to_bytes(state).expect("plain data is serialised to memory");
    seal(header, &payload, out);
}

/// The state in an archive that `header`'s operator wrote.
///
/// # Errors
/// `JobError::Snapshot` when it is torn, corrupt, or another operator's, version's, seed's or layout's.
pub fn read<T>(header: ArchiveHeader<'_>, archive: &[u8]) -> Result<T, JobError>
where
    T: Archive,
    T::Archived:
        for<'a> CheckBytes<HighValidator<'a, Error>> + Deserialize<T, HighDeserializer<Error>>,
{
    let payload = open(header, archive)?;
    rkyv::from_bytes(&payload)
        .map_err(|error| JobError::Snapshot(format!("{}: {error}", header.operator)))
}

/// Appends an archive with `payload` to `out`.
fn seal(header: ArchiveHeader<'_>, payload: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&header.version.to_le_bytes());
    out.extend_from_slice(&(header.operator.len() as u32).to_le_bytes());
    out.extend_from_slice(&header.hash_seed.to_le_bytes());
    out.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(header.operator.as_bytes());
    out.extend_from_slice(payload);
    let crc = checksum(&out[start..]);
    out[start + CRC_AT..start + CRC_AT + 4].copy_from_slice(&crc.to_le_bytes());
}

/// Verifies an archive that `header`'s operator wrote and gives its payload, aligned for rkyv.
///
/// # Errors
/// `JobError::Snapshot` when it is torn, corrupt, or another operator's, version's or seed's.
fn open(header: ArchiveHeader<'_>, archive: &[u8]) -> Result<AlignedVec, JobError> {
    let refuse = |what: String| Err(JobError::Snapshot(what));
    if archive.len() < HEADER_BYTES || &archive[..8] != MAGIC {
        return refuse("not an operator's archive".to_owned());
    }
    let u32_at = |at: usize| u32::from_le_bytes(archive[at..at + 4].try_into().expect("4 bytes"));
    let u64_at = |at: usize| u64::from_le_bytes(archive[at..at + 8].try_into().expect("8 bytes"));
    let (version, name_len, seed, payload_len) =
        (u32_at(8), u32_at(12) as usize, u64_at(16), u64_at(24));
    let expected = (HEADER_BYTES as u64)
        .saturating_add(name_len as u64)
        .saturating_add(payload_len);
    if expected != archive.len() as u64 {
        return refuse(format!("archive of {} bytes is torn", archive.len()));
    }
    if u32_at(CRC_AT) != checksum(archive) {
        return refuse("checksum of an operator's archive does not match".to_owned());
    }
    let name = &archive[HEADER_BYTES..HEADER_BYTES + name_len];
    if name != header.operator.as_bytes() {
        let found = String::from_utf8_lossy(name);
        return refuse(format!(
            "state of {found} where {} is planned",
            header.operator
        ));
    }
    if version != header.version {
        return refuse(format!(
            "{name} state of version {version}, this build reads version {}",
            header.version,
            name = header.operator
        ));
    }
    if seed != header.hash_seed {
        return refuse(format!(
            "hash seed {seed} where the job has {}",
            header.hash_seed
        ));
    }
    let mut payload = AlignedVec::with_capacity(payload_len as usize);
    payload.extend_from_slice(&archive[HEADER_BYTES + name_len..]);
    Ok(payload)
}

fn checksum(archive: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&archive[..CRC_AT]);
    hasher.update(&archive[CRC_AT + 4..]);
    hasher.finalize()
}

/// The values of a column in an archive.
#[derive(Clone, Debug, PartialEq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub enum ColumnValues {
    /// BOOLEAN.
    Bool(Vec<bool>),
    /// 64-bit integers.
    I64(Vec<i64>),
    /// 128-bit integers.
    I128(Vec<i128>),
    /// DOUBLE, as bits, so that a NaN stays the NaN it was.
    F64(Vec<u64>),
    /// VARCHAR and VARBINARY: the end of each text, and the bytes of all of them.
    Text(Vec<u64>, Vec<u8>),
}

/// A column in an archive.
#[derive(Clone, Debug, PartialEq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct ColumnImage {
    /// The values.
    pub values: ColumnValues,
    /// True where NULL; empty when no row is.
    pub nulls: Vec<bool>,
}

impl ColumnImage {
    /// Copies a column.
    pub fn of(column: &Column) -> Self {
        let values = match &column.data {
            ColumnData::Bool(values) => ColumnValues::Bool(values.clone()),
            ColumnData::I64(values) => ColumnValues::I64(values.clone()),
            ColumnData::I128(values) => ColumnValues::I128(values.clone()),
            ColumnData::F64(values) => {
                ColumnValues::F64(values.iter().map(|value| value.to_bits()).collect())
            }
            ColumnData::Text(values) => {
                let (mut ends, mut bytes) = (Vec::new(), Vec::new());
                for row in 0..values.views.len() {
                    bytes.extend_from_slice(values.get(row));
                    ends.push(bytes.len() as u64);
                }
                ColumnValues::Text(ends, bytes)
            }
        };
        Self {
            values,
            nulls: column.nulls.clone(),
        }
    }

    /// Copies columns; those that nobody reads are absent.
    pub fn of_read(columns: &[Column]) -> Vec<Option<Self>> {
        let copy = |column: &Column| (!column.is_empty()).then(|| Self::of(column));
        columns.iter().map(copy).collect()
    }

    /// Columns of `rows` rows again, those that are absent empty.
    ///
    /// # Errors
    /// `JobError::Snapshot` when a shape does not fit.
    pub fn into_columns(
        images: impl IntoIterator<Item = impl Into<Option<Self>>>,
        types: &[DataType],
        rows: usize,
    ) -> Result<Vec<Column>, JobError> {
        let images = images.into_iter().zip(types);
        images
            .map(|(image, &ty)| match image.into() {
                Some(image) => image.into_column(ty, rows),
                None => Ok(Column::new(ty)),
            })
            .collect()
    }

    /// The column again, if it holds `rows` values of `ty`.
    ///
    /// # Errors
    /// `JobError::Snapshot` when the shape does not fit.
    pub fn into_column(self, ty: DataType, rows: usize) -> Result<Column, JobError> {
        let refuse = || JobError::Snapshot(format!("a column does not hold {rows} values of {ty}"));
        let data = match self.values {
            ColumnValues::Bool(values) => ColumnData::Bool(values),
            ColumnValues::I64(values) => ColumnData::I64(values),
            ColumnValues::I128(values) => ColumnData::I128(values),
            ColumnValues::F64(bits) => {
                ColumnData::F64(bits.into_iter().map(f64::from_bits).collect())
            }
            ColumnValues::Text(ends, bytes) => {
                let mut column = Column::new(DataType::Varchar);
                let ColumnData::Text(texts) = &mut column.data else {
                    unreachable!("a VARCHAR column holds texts")
                };
                let mut start = 0;
                for end in ends {
                    let end = usize::try_from(end).map_err(|_| refuse())?;
                    let text = bytes.get(start..end).ok_or_else(refuse)?;
                    if ty == DataType::Varchar {
                        std::str::from_utf8(text).map_err(|_| refuse())?;
                    }
                    texts.push(text);
                    start = end;
                }
                column.data
            }
        };
        let column = Column {
            data,
            nulls: self.nulls,
        };
        let representation = Column::new(ty);
        let same =
            std::mem::discriminant(&column.data) == std::mem::discriminant(&representation.data);
        let nulls_fit = column.nulls.is_empty() || column.nulls.len() == rows;
        if same && nulls_fit && column.len() == rows {
            Ok(column)
        } else {
            Err(refuse())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Value;

    const HEADER: ArchiveHeader<'_> = ArchiveHeader {
        operator: "test",
        version: 3,
        hash_seed: 9,
    };

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let mut archive = Vec::new();
        seal(HEADER, b"payload", &mut archive);
        assert_eq!(
            open(HEADER, &archive).expect("intact").as_slice(),
            b"payload"
        );
        for bit in 0..archive.len() * 8 {
            let mut torn = archive.clone();
            torn[bit / 8] ^= 1 << (bit % 8);
            assert!(open(HEADER, &torn).is_err(), "bit {bit}");
        }
        for cut in 0..archive.len() {
            assert!(open(HEADER, &archive[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn another_operator_version_or_seed_is_refused_by_name() {
        let mut archive = Vec::new();
        seal(HEADER, b"", &mut archive);
        let other = ArchiveHeader {
            operator: "other",
            ..HEADER
        };
        let error = open(other, &archive).expect_err("another operator");
        assert!(
            error
                .to_string()
                .contains("state of test where other is planned")
        );
        for header in [
            ArchiveHeader {
                version: 4,
                ..HEADER
            },
            ArchiveHeader {
                hash_seed: 1,
                ..HEADER
            },
        ] {
            assert!(open(header, &archive).is_err());
        }
    }

    #[test]
    fn columns_survive_and_other_shapes_do_not() {
        let mut column = Column::new(DataType::Varchar);
        for value in [
            Value::Text("short".into()),
            Value::Null,
            Value::Text("longer than twelve bytes".into()),
        ] {
            column.push(&value);
        }
        let image = ColumnImage::of(&column);
        let back = image
            .clone()
            .into_column(DataType::Varchar, 3)
            .expect("fits");
        assert!((0..3).all(|row| back.value(row) == column.value(row)));
        assert!(image.clone().into_column(DataType::BigInt, 3).is_err());
        assert!(image.into_column(DataType::Varchar, 2).is_err());
    }
}

//! Frame format of the log: a line of text with a checksum in front.
//!
//! ```text
//! 9ae0daaf [{"Term":{"term":3}},{"Vote":{"candidate":"n2"}}]
//! ```
//!
//! A frame holds the records of one sync, all or nothing. JSON contains no raw line breaks or zero
//! bytes, so the end of a frame can be found again after any damage. That distinguishes a torn
//! tail, cut by a loss of power, from damage in the middle; a length prefix could not.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Length of the checksum prefix: eight hexadecimal digits and a space.
const SUM: usize = 9;

/// The unit that a disk writes atomically, in bytes. Pages and blocks are multiples of it.
const SECTOR: u64 = 512;

/// Appends a frame with this content to a buffer.
pub(in super::super) fn encode<T: Serialize + ?Sized>(content: &T, buffer: &mut Vec<u8>) -> serde_json::Result<()> {
    let start = buffer.len();
    buffer.extend_from_slice(&[b' '; SUM]);
    serde_json::to_writer(&mut *buffer, content)?;
    seal(start, buffer);
    Ok(())
}

/// Appends a frame whose content is JSON already.
pub(super) fn encode_json(json: &str, buffer: &mut Vec<u8>) {
    let start = buffer.len();
    buffer.extend_from_slice(&[b' '; SUM]);
    buffer.extend_from_slice(json.as_bytes());
    seal(start, buffer);
}

/// Fills in the checksum.
fn seal(start: usize, buffer: &mut Vec<u8>) {
    let sum = format!("{:08x}", crc32fast::hash(&buffer[start + SUM..]));
    buffer[start..start + SUM - 1].copy_from_slice(sum.as_bytes());
    buffer.push(b'\n');
}

/// The result of decoding a line.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Line<T> {
    /// An intact frame.
    Whole(T),
    /// An incomplete write: the end is missing, or a sector that never reached the disk reads as
    /// zeros.
    Torn,
    /// A frame that was written and has changed since.
    Spoilt,
    /// An intact frame with other content than expected, with the error of serde.
    Unknown(String),
}

/// Decodes the line at an offset of the file, with its line break if it has one.
pub(in super::super) fn decode<T: DeserializeOwned>(line: &[u8], offset: u64) -> Line<T> {
    let Some(text) = line.strip_suffix(b"\n") else { return Line::Torn };
    match checked(text).map(serde_json::from_slice) {
        Some(Ok(content)) => Line::Whole(content),
        Some(Err(error)) => Line::Unknown(error.to_string()),
        None if lacks_a_sector(line, offset) => Line::Torn,
        None => Line::Spoilt,
    }
}

/// Whether the part of the line in some sector is all zeros.
fn lacks_a_sector(line: &[u8], offset: u64) -> bool {
    let first = ((SECTOR - offset % SECTOR) as usize).min(line.len());
    let (head, rest) = line.split_at(first);
    std::iter::once(head).chain(rest.chunks(SECTOR as usize)).any(|sector| sector.iter().all(|byte| *byte == 0))
}

/// The content after the checksum, if the checksum matches.
fn checked(text: &[u8]) -> Option<&[u8]> {
    let (sum, json) = text.split_at_checked(SUM)?;
    let digits = std::str::from_utf8(sum.strip_suffix(b" ")?).ok()?;
    (digits == format!("{:08x}", crc32fast::hash(json))).then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(records: &[u32]) -> Vec<u8> {
        let mut buffer = Vec::new();
        encode(records, &mut buffer).unwrap();
        buffer
    }

    #[test]
    fn a_frame_is_a_line_with_a_checksum() {
        assert_eq!(String::from_utf8(frame(&[7, 8])).unwrap(), "d70fe7e9 [7,8]\n");
        assert_eq!(decode(&frame(&[7, 8]), 0), Line::Whole(vec![7, 8]));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let whole = frame(&[7, 8]);
        for at in 0..whole.len() - 1 {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert_eq!(decode::<Vec<u32>>(&changed, 0), Line::Spoilt, "byte {at}");
        }
    }

    #[test]
    fn a_line_that_never_ended_is_torn_wherever_it_was_cut() {
        let whole = frame(&[7, 8]);
        for end in 0..whole.len() {
            assert_eq!(decode::<Vec<u32>>(&whole[..end], 0), Line::Torn, "{end} bytes");
        }
    }

    #[test]
    fn a_sector_of_zeros_was_never_written_and_a_single_zero_is_damage() {
        let whole = frame(&[7; 1_000]);
        for offset in [0, 1, 100, 511, 513] {
            let mut hole = whole.clone();
            let start = (2 * SECTOR - offset % SECTOR) as usize;
            hole[start..start + SECTOR as usize].fill(0);
            assert_eq!(decode::<Vec<u32>>(&hole, offset), Line::Torn, "at {offset}");
            hole[start] = b'7';
            assert_eq!(decode::<Vec<u32>>(&hole, offset), Line::Spoilt, "at {offset}");
        }
    }
}

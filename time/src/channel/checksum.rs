//! Checksums: a weak one, and a stronger one.

/// Kind of checksum of segments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Checksum {
    /// The 16-bit sum of TCP ([`internet`]).
    Internet,
    /// A 32-bit cyclic redundancy check ([`crc32`]).
    Crc32,
}

impl Checksum {
    /// The checksum of these bytes.
    pub fn of(self, bytes: &[u8]) -> u32 {
        match self {
            Checksum::Internet => u32::from(internet(bytes)),
            Checksum::Crc32 => crc32(bytes),
        }
    }
}

/// The Internet checksum (RFC 1071 §1): the ones' complement of the ones' complement sum of all
/// 16-bit words. It finds every error of a single bit, and does not notice words that change
/// places.
///
/// ```
/// use quorate_time::channel::internet;
///
/// // The example of RFC 1071 §3.
/// assert_eq!(!internet(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), 0xddf2);
/// assert_eq!(internet(b"abcd"), internet(b"cdab"));
/// ```
pub fn internet(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]);
    let sum = bytes.chunks(2).map(word).fold(0u16, |sum, word| {
        let (sum, carry) = sum.overflowing_add(word);
        sum + u16::from(carry)
    });
    !sum
}

/// The cyclic redundancy check of Ethernet (CRC-32, reflected polynomial `0xedb88320`): it finds
/// every burst of up to 32 bits, and words that change places.
///
/// ```
/// use quorate_time::channel::crc32;
///
/// assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
/// assert_ne!(crc32(b"abcd"), crc32(b"cdab"));
/// ```
pub fn crc32(bytes: &[u8]) -> u32 {
    let step = |rest: u32| if rest & 1 == 1 { 0xedb8_8320 ^ (rest >> 1) } else { rest >> 1 };
    !bytes.iter().fold(u32::MAX, |rest, byte| (0..8).fold(rest ^ u32::from(*byte), |rest, _| step(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_find_every_single_bit() {
        let right = b"ten coins to bob";
        for bit in 0..right.len() * 8 {
            let mut wrong = *right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            for kind in [Checksum::Internet, Checksum::Crc32] {
                assert_ne!(kind.of(&wrong), kind.of(right), "{kind:?} misses bit {bit}");
            }
        }
    }

    #[test]
    fn an_odd_byte_is_filled_up_with_zero() {
        assert_eq!(internet(b"abc"), internet(b"abc\0"));
        assert_eq!((internet(b""), crc32(b"")), (u16::MAX, 0));
    }
}

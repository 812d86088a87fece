//! The codec reads back what it wrote, and nothing else.

use proptest::prelude::*;
use valence_coprocessor_protocol::{AlignedBytes, DecodeError, Reader, Writer};

fn write(number: u64, bytes: &[u8], nodes: &[[u32; 8]]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .number(number)
        .length(bytes.len())
        .bytes(bytes)
        .length(nodes.len());
    for node in nodes {
        writer.node(node);
    }
    writer.finish()
}

type Values = (u64, Vec<u8>, Vec<[u32; 8]>);

fn read(encoding: &[u8]) -> Result<Values, DecodeError> {
    let aligned = AlignedBytes::new(encoding)?;
    let mut reader = Reader::new(aligned.words());
    let number = reader.number("number")?;
    let length = reader.length("bytes", 1000)?;
    let bytes = reader.bytes("bytes", length)?.to_vec();
    let count = reader.length("nodes", 1000)?;
    let nodes = reader.nodes("nodes", count)?.to_vec();
    reader.finish()?;
    Ok((number, bytes, nodes))
}

proptest! {
    #[test]
    fn what_was_written(
        number: u64,
        bytes in prop::collection::vec(any::<u8>(), 0..40),
        nodes: Vec<[u32; 8]>,
    ) {
        let encoding = write(number, &bytes, &nodes);
        prop_assert_eq!(encoding.len() % 8, 0);
        prop_assert_eq!(read(&encoding), Ok((number, bytes, nodes)));
    }

    /// One encoding for each value: whatever is read writes back to the same bytes.
    #[test]
    fn nothing_else(
        bytes in prop::collection::vec(any::<u8>(), 0..20),
        nodes in prop::collection::vec(any::<[u32; 8]>(), 0..3),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8u32), 0..3),
        cut: Option<prop::sample::Index>,
    ) {
        let mut encoding = write(7, &bytes, &nodes);
        for (at, bit) in flips {
            let at = at.index(encoding.len());
            encoding[at] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            encoding.truncate(cut.index(encoding.len()));
        }
        if let Ok((number, bytes, nodes)) = read(&encoding) {
            prop_assert_eq!(write(number, &bytes, &nodes), encoding);
        }
    }
}

#[test]
fn each_refusal_has_a_name() {
    let honest = write(7, b"abc", &[[1; 8]]);
    assert_eq!(read(&honest[..7]), Err(DecodeError::NotWords { length: 7 }));
    let truncated = |field, needed, remaining| DecodeError::Truncated {
        field,
        needed,
        remaining,
    };
    assert_eq!(read(&[]), Err(truncated("number", 8, 0)));
    assert_eq!(read(&honest[..16]), Err(truncated("bytes", 8, 0)));
    assert_eq!(read(&honest[..56]), Err(truncated("nodes", 32, 24)));
    let longer = [honest.as_slice(), &[0; 8]].concat();
    assert_eq!(read(&longer), Err(DecodeError::Trailing { remaining: 8 }));
    let mut padded = honest.clone();
    padded[19] = 1;
    assert_eq!(read(&padded), Err(DecodeError::Padding { field: "bytes" }));
    let mut large = honest;
    large[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
    let too_large = DecodeError::TooLarge {
        field: "bytes",
        got: u64::MAX,
        limit: 1000,
    };
    assert_eq!(read(&large), Err(too_large));
}

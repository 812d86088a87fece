//! Hexadecimal as nodes write it, and what they never write.

use valence_coprocessor_ethereum_execution::{AnswerError, hex};

#[test]
fn numbers_and_bytes_are_read_as_nodes_write_them() {
    for (text, bytes, number) in [
        ("0x", &[][..], &[][..]),
        ("0x0", &[0], &[]),
        ("0x5", &[5], &[5]),
        ("0x00fF", &[0, 0xff], &[0xff]),
        ("0x1fa00", &[1, 0xfa, 0], &[1, 0xfa, 0]),
    ] {
        assert_eq!(hex::bytes("field", text).as_deref(), Ok(bytes), "{text}");
        assert_eq!(
            hex::number_bytes("field", text).as_deref(),
            Ok(number),
            "{text}"
        );
    }
    assert_eq!(hex::encode(&[0, 0xab, 7]), "0x00ab07");
}

#[test]
fn what_is_no_hexadecimal_is_refused() {
    for text in ["", "12", "0X12", "0x+1", "0x1g", "0x 1", "0xé1", "x12"] {
        let refused = hex::bytes("field", text);
        let expected = AnswerError::NotHexadecimal {
            what: "field",
            got: text.to_owned(),
        };
        assert_eq!(refused, Err(expected));
    }
    let refused = hex::fixed::<2>("field", "0x123456");
    let expected = AnswerError::Length {
        what: "field",
        got: 3,
        expected: 2,
    };
    assert_eq!(refused, Err(expected));
}

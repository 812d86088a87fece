//! Identifiers and names as text and as words.

use proptest::prelude::*;
use valence_coprocessor_protocol::{
    DecodeError, DomainName, DomainNameError, ParseIdentifierError, PublicValues, Root,
};

proptest! {
    #[test]
    fn text_and_words_keep_the_bytes(bytes: [u8; 32], other: [u8; 32]) {
        let root = Root::from_bytes(bytes);
        prop_assert_eq!(root.as_bytes(), &bytes);
        let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
        let text: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        prop_assert_eq!(&root.to_string(), &text);
        prop_assert_eq!(text.parse(), Ok(root));
        prop_assert_eq!(format!("0x{}", text.to_uppercase()).parse(), Ok(root));
        prop_assert_eq!(Root::from_memory(root.to_memory()), root);
        prop_assert_eq!(Root::from_words(&root.to_words()), root);
        for (word, chunk) in root.to_words().iter().zip(bytes.as_chunks::<4>().0) {
            prop_assert_eq!(*word, u32::from_be_bytes(*chunk));
        }
        let other_root = Root::from_bytes(other);
        prop_assert_eq!(root.cmp(&other_root), bytes.cmp(&other));
        prop_assert_eq!(root == other_root, bytes == other);
    }

    #[test]
    fn one_different_bit_is_another_identifier(bytes: [u8; 32], bit in 0..256usize) {
        let mut other = bytes;
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(Root::from_bytes(bytes), Root::from_bytes(other));
    }

    #[test]
    fn any_text_is_an_identifier_or_an_error(text in "\\PC{0,80}") {
        if let Ok(root) = text.parse::<Root>() {
            let digits = text.strip_prefix("0x").unwrap_or(&text).to_lowercase();
            prop_assert_eq!(root.to_string(), digits);
        }
    }

    #[test]
    fn domain_names_are_what_the_pattern_says(name in "[a-z0-9-]{1,64}", wrong in "[^a-z0-9-]") {
        prop_assert_eq!(DomainName::new(&name).map(|name| name.to_string()), Ok(name.clone()));
        let position = name.len() / 2;
        let mut broken = name;
        broken.insert_str(position, &wrong);
        if broken.len() <= 64 {
            prop_assert_eq!(DomainName::new(&broken), Err(DomainNameError::Character { position }));
        }
    }
}

#[test]
fn refused_texts() {
    let length = |text: &str| text.parse::<Root>();
    assert_eq!(length(""), Err(ParseIdentifierError::Length { got: 0 }));
    assert_eq!(
        length(&"a".repeat(63)),
        Err(ParseIdentifierError::Length { got: 63 })
    );
    let digit = format!("{}g{}", "a".repeat(10), "a".repeat(53));
    assert_eq!(
        length(&digit),
        Err(ParseIdentifierError::Digit { position: 10 })
    );
    // 64 bytes, but a digit of two: no index falls inside a character.
    let wide = format!("{}é{}", "a".repeat(10), "a".repeat(52));
    assert_eq!(
        length(&wide),
        Err(ParseIdentifierError::Digit { position: 10 })
    );
    assert_eq!(DomainName::new(""), Err(DomainNameError::Length { got: 0 }));
    assert_eq!(
        DomainName::new(&"a".repeat(65)),
        Err(DomainNameError::Length { got: 65 })
    );
}

#[test]
fn public_values_need_a_root() {
    let short = DecodeError::Truncated {
        field: "root",
        needed: 32,
        remaining: 31,
    };
    assert_eq!(PublicValues::decode(&[0; 31]), Err(short));
    let empty = PublicValues {
        root: Root::from_bytes([1; 32]),
        output: Vec::new(),
    };
    assert_eq!(PublicValues::decode(&empty.encode()), Ok(empty));
}

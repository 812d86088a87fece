//! Where Solidity puts values, against the formulas of its documentation and recorded slots.

use alloy_primitives::{B256, I256, U256, b256, keccak256};
use proptest::prelude::*;
use valence_coprocessor_ethereum_state_proof::{Address, Field, Slot, ValueError};

fn word(number: U256) -> [u8; 32] {
    number.to_be_bytes()
}

fn slot(number: U256) -> Slot {
    Slot::from_bytes(word(number))
}

fn number(slot: Slot) -> U256 {
    U256::from_be_bytes(*slot.as_bytes())
}

proptest! {
    #[test]
    fn mappings(at in any::<[u8; 32]>(), key in any::<[u8; 32]>(), inner in any::<[u8; 20]>(), count in any::<u64>(), name in proptest::collection::vec(any::<u8>(), 0..100)) {
        let mapping = Slot::from_bytes(at);
        let entry = keccak256([key, at].concat());
        prop_assert_eq!(mapping.entry(&key), Slot::from_bytes(entry.0));
        // mapping(bytes32 => mapping(address => …))
        let padded = B256::left_padding_from(&inner);
        let nested = keccak256([padded.0, entry.0].concat());
        prop_assert_eq!(mapping.entry(&key).entry_of(&Address::from_bytes(inner)), Slot::from_bytes(nested.0));
        let counted = keccak256([word(U256::from(count)), at].concat());
        prop_assert_eq!(mapping.entry_at(count), Slot::from_bytes(counted.0));
        let named = keccak256([name.as_slice(), &at].concat());
        prop_assert_eq!(mapping.entry_named(&name), Slot::from_bytes(named.0));
    }

    #[test]
    fn members_and_elements(at in any::<[u8; 32]>(), low in any::<u64>(), index in any::<u64>(), size in 1_u64..=u64::MAX) {
        let base = U256::from_be_bytes(at);
        prop_assert_eq!(number(slot(base).plus(low)), base.wrapping_add(U256::from(low)));
        let near = U256::MAX - U256::from(low / 2);
        prop_assert_eq!(number(slot(near).plus(low)), near.wrapping_add(U256::from(low)));
        let data = U256::from_be_bytes(keccak256(at).0);
        prop_assert_eq!(number(slot(base).data()), data);
        let element = data.wrapping_add(U256::from(index) * U256::from(size));
        prop_assert_eq!(number(slot(base).element(index, size)), element);
    }

    /// `uintN[]`: as many to a slot as fit, the first at the least significant end.
    #[test]
    fn packed_elements(at in any::<[u8; 32]>(), index in any::<u64>(), width in 1_u8..=32, stored in any::<[u8; 32]>()) {
        let per_slot = 32 / u64::from(width);
        let (place, field) = slot(U256::from_be_bytes(at)).packed_element(index, width).expect("a width");
        let data = U256::from_be_bytes(keccak256(at).0);
        prop_assert_eq!(number(place), data.wrapping_add(U256::from(index / per_slot)));
        let shift = usize::try_from(index % per_slot).expect("small") * usize::from(width) * 8;
        prop_assert_eq!((usize::from(field.offset()) * 8, field.width()), (shift, width));
        let bits = usize::from(width) * 8;
        let mask = if bits == 256 { U256::MAX } else { (U256::from(1) << bits) - U256::from(1) };
        prop_assert_eq!(U256::from_be_bytes(field.unsigned(&stored)), (U256::from_be_bytes(stored) >> shift) & mask);
    }

    #[test]
    fn packed_values(stored in any::<[u8; 32]>(), offset in 0_u8..40, width in 0_u8..40) {
        let fits = width > 0 && offset + width <= 32;
        let field = Field::new(offset, width);
        prop_assert_eq!(field.is_some(), fits);
        if let Some(field) = field {
            let whole = U256::from_be_bytes(stored);
            let unsigned = (whole << (256 - 8 * usize::from(offset + width))) >> (256 - 8 * usize::from(width));
            prop_assert_eq!(U256::from_be_bytes(field.unsigned(&stored)), unsigned);
            let signed = I256::from_raw(whole << (256 - 8 * usize::from(offset + width))).asr(256 - 8 * usize::from(width));
            prop_assert_eq!(I256::from_be_bytes(field.signed(&stored)), signed);
            prop_assert_eq!(field.number(&stored), u64::try_from(unsigned).map_err(|_| ValueError::Number));
            prop_assert_eq!(field.bytes(&stored).len(), usize::from(width));
        }
    }
}

#[test]
fn elements_of_no_width_or_more_than_a_word_do_not_exist() {
    for width in [0, 33, 255] {
        assert_eq!(Slot::variable(0).packed_element(1, width), None);
    }
}

#[test]
fn values_of_other_types_are_refused() {
    let stored = word(U256::from(2) << 160 | U256::from_be_slice(&[0x11; 20]));
    let owner = Field::new(0, 20).expect("fits a word");
    let flag = Field::new(20, 1).expect("fits a word");
    assert_eq!(owner.address(&stored), Ok(Address::from_bytes([0x11; 20])));
    assert_eq!(flag.boolean(&stored), Err(ValueError::Boolean { got: 2 }));
    assert_eq!(
        flag.address(&stored),
        Err(ValueError::Width {
            got: 1,
            expected: 20
        })
    );
    assert_eq!(
        owner.boolean(&stored),
        Err(ValueError::Width {
            got: 20,
            expected: 1
        })
    );
    assert_eq!(owner.number(&stored), Err(ValueError::Number));
    let set = word(U256::from(1) << 160);
    assert_eq!(
        (flag.boolean(&set), flag.boolean(&[0; 32])),
        (Ok(true), Ok(false))
    );
    assert_eq!(Field::WORD.unsigned(&[0xff; 32]), [0xff; 32]);
    assert_eq!(Field::WORD.signed(&[0x80; 32]), [0x80; 32]);
}

/// Recorded slots: entries of USDC's balances, a struct in a mapping, and the example of Solidity's documentation.
#[test]
fn recorded_slots() {
    // USDC, mapping 9, the holder that mainnet's nodes answered for (Sky's LitePSM).
    let holder = Address::from_bytes(crate::fixtures::fixed(
        &"0x37305b1cd40574e4c5ce33f8e8306be057fd7341".into(),
    ));
    let balance = b256!("9254cb65314db3d2d7ca17f753f1d9c7f1b6fa05111d18d10ed5b9519d1b247c");
    assert_eq!(
        Slot::variable(9).entry_of(&holder),
        Slot::from_bytes(balance.0)
    );
    // USDC's proxy keeps its implementation where a name hashes to.
    let implementation = b256!("7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3");
    assert_eq!(
        keccak256("org.zeppelinos.proxy.implementation"),
        implementation
    );
    // A vault's withdraw request 0 in mapping 9, and the data of the string in its fourth slot.
    let request = b256!("ec8156718a8372b1db44bb411437d0870f3e3790d4a08526d024ce1b0b668f6b");
    assert_eq!(Slot::variable(9).entry_at(0), Slot::from_bytes(request.0));
    let receiver = Slot::variable(9).entry_at(0).plus(3);
    let data = b256!("d966a0ad31fbb7d882ce38b0b3c9772cce4f92ea246ffe155721c39de50060d7");
    assert_eq!(receiver.data(), Slot::from_bytes(data.0));
    // keccak(0): the data of an array in slot 0.
    let first = b256!("290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563");
    assert_eq!(Slot::variable(0).element(0, 1), Slot::from_bytes(first.0));
}

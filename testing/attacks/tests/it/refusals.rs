//! One test per attack number.

use valence_coprocessor_attacks::{attacks, honest, replay};
use valence_coprocessor_circuit_sdk::run;

fn refuse(number: u8, at_least: usize) {
    let list: Vec<_> = attacks()
        .into_iter()
        .filter(|attack| attack.number == number)
        .collect();
    assert!(
        list.len() >= at_least,
        "a{number} has only {} inputs",
        list.len()
    );
    for attack in list {
        let refusal = match run(&attack.input, replay) {
            Ok(_) => panic!("a{number}, {}: accepted", attack.name),
            Err(refusal) => refusal.to_string(),
        };
        assert!(
            refusal.contains(attack.refusal),
            "a{number}, {}: {refusal:?} does not say {:?}",
            attack.name,
            attack.refusal
        );
    }
}

#[test]
fn honest_inputs_are_accepted() {
    for honest in honest() {
        if let Err(error) = run(&honest.input, replay) {
            panic!("{}: {error}", honest.name);
        }
    }
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident($number:literal, $at_least:literal);)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            refuse($number, $at_least);
        }
    )*};
}

refusals! {
    attack_a1_invented_block_from_the_empty_tree(1, 100);
    attack_a2_leaf_of_another_domain_at_every_split(2, 10);
    attack_a3_absent_block_by_its_neighbour(3, 30);
    attack_a4_openings_missing_too_many_or_swapped(4, 4);
    attack_a5_block_under_another_number_or_root(5, 10);
    attack_a6_forged_inner_siblings(6, 2);
    attack_a7_number_twice(7, 4);
    attack_a8_paths_of_every_wrong_shape(8, 25);
    attack_a9_nodes_of_other_kinds_and_protocols(9, 18);
    attack_a10_flipped_bits_of_the_payload(10, 100);
    attack_a14_every_field_mutated(14, 100);
    attack_a16_insertion_in_the_wrong_place(16, 10);
    attack_a17_old_block_where_the_newest_is_demanded(17, 6);
}

/// Every single bit of an honest input without a proof is bound: no other input is accepted.
#[test]
fn attack_a14_every_bit_of_an_honest_input() {
    let honest = honest();
    let honest = honest.first().expect("there are honest inputs");
    let accepted = run(&honest.input, replay).expect("honest input");
    for bit in 0..honest.input.len() * 8 {
        let mut input = honest.input.clone();
        input[bit / 8] ^= 1 << (bit % 8);
        if let Ok(public_values) = run(&input, replay) {
            panic!("bit {bit} is not bound: {}", public_values == accepted);
        }
    }
}

//! `Attack`: an input that must be refused, by the number of the attack that it mounts.

mod appends;
mod encodings;
mod openings;

use alloc::string::String;
use alloc::vec::Vec;

use valence_coprocessor_circuit_sdk::OpenedWitness;

use crate::{Command, World};

/// An input that must be refused.
#[derive(Debug, Clone)]
pub struct Attack {
    /// The number of the attack: 3 is a3.
    pub number: u8,
    /// What this input does.
    pub name: String,
    /// The input of the circuit.
    pub input: Vec<u8>,
    /// What the text of the refusal must contain.
    pub refusal: &'static str,
}

/// An input that must be accepted.
#[derive(Debug, Clone)]
pub struct Honest {
    /// What this input does.
    pub name: String,
    /// The input of the circuit.
    pub input: Vec<u8>,
}

/// All attacks that a circuit meets.
pub fn attacks() -> Vec<Attack> {
    let world = World::new();
    let mut attacks = Attacks {
        world,
        list: Vec::new(),
    };
    attacks.a1();
    attacks.a2();
    attacks.a3();
    attacks.a4();
    attacks.a5();
    attacks.a6();
    attacks.a7();
    attacks.a8();
    attacks.a9();
    attacks.a10();
    attacks.a14();
    attacks.a16();
    attacks.a17();
    attacks.list
}

/// Inputs that the attacks are variations of.
pub fn honest() -> Vec<Honest> {
    let world = World::new();
    let mut list = Vec::new();
    for number in World::NUMBERS {
        let name = alloc::format!("block {number}");
        let demand = Command::Demand {
            index: 0,
            domain: World::ETHEREUM,
        };
        let witnesses = [
            world.witness(World::ETHEREUM, number),
            OpenedWitness::Data(demand.encode()),
        ];
        list.push(Honest {
            name,
            input: world.input(&witnesses),
        });
    }
    let newest = Command::DemandNewest {
        index: 0,
        domain: World::ETHEREUM,
    };
    let witnesses = [
        world.witness(World::ETHEREUM, 1020),
        OpenedWitness::Data(newest.encode()),
    ];
    list.push(Honest {
        name: "the newest block".into(),
        input: world.input(&witnesses),
    });
    for sequence in 1..world.roots.len() {
        let claim = appends::honest_claim(&world, sequence);
        let name = alloc::format!("append {sequence}");
        list.push(Honest {
            name,
            input: world.input(&[OpenedWitness::Data(claim.encode())]),
        });
    }
    list.push(Honest {
        name: "no witnesses".into(),
        input: world.input(&[]),
    });
    list.push(Honest {
        name: "two state proofs".into(),
        input: world.input(&[
            world.witness(World::ETHEREUM, 1000),
            world.witness(World::EVIL, 7),
        ]),
    });
    list
}

struct Attacks {
    world: World,
    list: Vec<Attack>,
}

impl Attacks {
    fn push(&mut self, number: u8, name: String, input: Vec<u8>, refusal: &'static str) {
        self.list.push(Attack {
            number,
            name,
            input,
            refusal,
        });
    }

    fn push_command(&mut self, number: u8, name: String, command: &Command, refusal: &'static str) {
        let input = self.world.input(&[OpenedWitness::Data(command.encode())]);
        self.push(number, name, input, refusal);
    }

    fn push_witness(
        &mut self,
        number: u8,
        name: String,
        witness: OpenedWitness,
        refusal: &'static str,
    ) {
        let input = self.world.input(&[witness]);
        self.push(number, name, input, refusal);
    }
}

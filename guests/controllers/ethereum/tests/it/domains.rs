//! The ids that the controller knows are those of the names beside them.

use ethereum::CHAINS;
use valence_coprocessor_protocol::{DomainId, DomainName};

#[test]
fn ids_are_those_of_the_names() {
    for (name, id, chain) in CHAINS {
        assert_eq!(
            id,
            DomainId::of(&DomainName::new(name).expect("a name")),
            "{name}"
        );
        assert_eq!(chain.replace("eth-", "ethereum-"), name);
    }
}

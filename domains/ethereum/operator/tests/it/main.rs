//! The operator between beacon nodes that answer what mainnet's answered in Capella, well or badly, and a stand-in of the
//! service that runs the light client on every step it is given.

mod attack_b9;
mod beacon_node;
mod catching_up;
mod crashes;
mod networks;
mod proving;
mod service;
mod world;

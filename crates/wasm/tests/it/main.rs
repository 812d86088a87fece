//! Tests of the sandbox from outside: attacks c4 to c8, the published interface, and files.

mod attack_c4;
mod attack_c5;
mod attack_c6;
mod attack_c7;
mod attack_c8;
mod fuzz;
mod images;
mod interface;
mod modules;
mod server;
mod world;

//! Workers over real sockets, and whoever would abuse them. The numbers are those of the list of attacks.

mod attack_c10;
mod attack_d1;
mod attack_d2;
mod attack_d3;
mod attack_d4;
mod loss;
mod proxy;
mod running;
mod serving;

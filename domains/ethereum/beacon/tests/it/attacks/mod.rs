//! The attacks on a light client, by their numbers. Each is right in everything but one thing, which is named.

mod bootstrap;
mod branches;
mod committees;
mod finality;
mod forks;
mod honest;
mod signatures;
mod slots;
mod steps;

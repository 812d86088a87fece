#![doc = include_str!("../README.md")]

mod body;
mod http;

pub use http::HttpCallbacks;

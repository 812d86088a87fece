//! Every attack is refused by name on the host; the same inputs run in the zkVM elsewhere.

mod refusals;

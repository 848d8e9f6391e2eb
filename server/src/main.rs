//! Turnpike.
fn main() {}

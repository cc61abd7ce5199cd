//! The `esxray` command line.
fn main() {}

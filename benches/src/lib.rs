//! Benchmarks of esxray.

//! Fuzzes the target `pipeline`; `--help` says how.

fn main() -> std::process::ExitCode {
    esxray_fuzz::command::main(&esxray_fuzz::targets::PIPELINE)
}

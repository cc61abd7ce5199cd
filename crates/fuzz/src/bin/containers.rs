//! Fuzzes the target `containers`; `--help` says how.

fn main() -> std::process::ExitCode {
    esxray_fuzz::command::main(&esxray_fuzz::targets::CONTAINERS)
}

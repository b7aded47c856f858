//! The machine that the comparison runs on, as one line of its page.

use std::fs;
use std::process::Command;

/// The processor, its cores, the system, the compiler and the load.
pub(super) fn machine() -> String {
    let parts = [processor(), cores(), system(), compiler(), load()];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The value of the first line `key : value` of a text such as `/proc/cpuinfo`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim())
}

fn processor() -> Option<String> {
    let Ok(text) = fs::read_to_string("/proc/cpuinfo") else {
        return Some(std::env::consts::ARCH.to_owned());
    };
    let model = value(&text, "model name")?;
    let flags: Vec<&str> = value(&text, "flags").unwrap_or_default().split(' ').collect();
    let widest = ["avx512f", "avx2", "sse2"].into_iter().find(|flag| flags.contains(flag));
    Some(widest.map_or_else(|| model.to_owned(), |widest| format!("{model}, {widest}")))
}

fn cores() -> Option<String> {
    std::thread::available_parallelism().ok().map(|cores| match cores.get() {
        1 => "1 core".to_owned(),
        cores => format!("{cores} cores"),
    })
}

fn system() -> Option<String> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Some(format!("{} {}", std::env::consts::OS, release.trim()).trim().to_owned())
}

fn compiler() -> Option<String> {
    let output = Command::new("rustc").arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split(" (").next().map(|version| version.trim().to_owned()).filter(|version| !version.is_empty())
}

/// The load average: whatever else the machine was doing moves every number of the page.
fn load() -> Option<String> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next().map(|load| format!("load {load} at the start"))
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn values_are_found_by_their_whole_name() {
        let text = "cpu family\t: 6\nmodel\t\t: 85\nmodel name\t: A: B\n";
        assert_eq!((value(text, "model"), value(text, "model name")), (Some("85"), Some("A: B")));
        assert_eq!(value(text, "flags"), None);
    }
}

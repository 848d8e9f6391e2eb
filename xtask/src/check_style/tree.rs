//! What must not be in the tree, whatever the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Past this a file holds more than one idea.
const LONGEST_RUST_FILE: usize = 600;

/// Folders of one person's or one build's machine. A path of an installed system is fine.
const MACHINE_FOLDERS: [&str; 5] = ["work", "home", "root", "farm", "Users"];

/// Hosts that packages come from: everybody has their own, set up outside the project.
const REGISTRY_HOSTS: [&str; 7] = [
    "registry.npmjs",
    "registry.yarnpkg",
    "index.crates",
    "static.crates",
    "files.pythonhosted",
    "deb.debian",
    "npmmirror",
];

/// One line a finding.
pub(super) fn findings(files: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let mut findings = Vec::new();
    for (path, text) in files {
        findings.extend(too_long(path, text));
        for (index, line) in text.lines().enumerate() {
            if let Some(finding) = machine_folder(line).or_else(|| registry_host(line)).or_else(|| alias(path, line)) {
                findings.push(format!("{}:{}: {finding}", path.display(), index + 1));
            }
        }
    }
    findings
}

fn too_long(path: &Path, text: &str) -> Option<String> {
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    let lines = text.lines().count();
    (is_rust && lines > LONGEST_RUST_FILE)
        .then(|| format!("{}: {lines} lines; split where a second idea begins", path.display()))
}

fn machine_folder(line: &str) -> Option<String> {
    let found = MACHINE_FOLDERS.iter().find(|folder| {
        let path = format!("/{folder}/");
        line.match_indices(&path).any(|(at, _)| {
            let before = line.get(..at).and_then(|text| text.chars().next_back());
            // After a name or a dot it is the middle of a longer path or of an address.
            before.is_none_or(|character| !character.is_alphanumeric() && !"._-/}".contains(character))
        })
    })?;
    Some(format!("names a folder of one machine, /{found}/"))
}

fn registry_host(line: &str) -> Option<String> {
    // A host has a dot behind it; our own list above has none.
    let found = REGISTRY_HOSTS.iter().find(|host| line.contains(&format!("{host}.")))?;
    Some(format!("names a package registry, {found}"))
}

/// The portal's reader of JSON hands fields on by their numbers, which aliases would shift.
fn alias(path: &Path, line: &str) -> Option<String> {
    let is_read_by_the_browser = path.starts_with("app/src") || path.starts_with("domain/src");
    let has_alias = line.trim_start().starts_with("#[serde(") && line.contains("alias");
    (is_read_by_the_browser && has_alias).then(|| "has an alias, which app/src/wire/json.rs can't read".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_one_machine_are_found_where_they_start_a_path() {
        let folder = MACHINE_FOLDERS[0];
        for line in [format!("\"/{folder}/main\""), format!("cd /{folder}/x")] {
            assert!(machine_folder(&line).is_some(), "{line}");
        }
        for line in [format!("https://example.com/{folder}/"), format!("../{folder}/x"), format!("/{folder}ers/")] {
            assert!(machine_folder(&line).is_none(), "{line}");
        }
    }

    #[test]
    fn registries_are_found_by_host() {
        let line = format!("\"resolved\": \"https://{}.org/x.tgz\"", REGISTRY_HOSTS[0]);
        assert!(registry_host(&line).is_some());
        assert!(registry_host("registry+https://github.com/rust-lang/crates.io-index").is_none());
    }

    #[test]
    fn aliases_are_found_where_the_browser_reads() {
        let line = "    #[serde(default, alias = \"old\")]";
        assert!(alias(Path::new("app/src/keys/api.rs"), line).is_some());
        assert!(alias(Path::new("server/src/config.rs"), line).is_none());
        assert!(alias(Path::new("app/src/keys/api.rs"), "    #[serde(default)]").is_none());
    }

    #[test]
    fn only_long_rust_files_are_too_long() {
        let long = "\n".repeat(LONGEST_RUST_FILE + 1);
        assert!(too_long(Path::new("a.rs"), &long).is_some());
        assert!(too_long(Path::new("a.sql"), &long).is_none());
        assert!(too_long(Path::new("a.rs"), "\n").is_none());
    }
}

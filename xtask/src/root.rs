//! Where the repository is.

use std::path::{Path, PathBuf};

/// The workspace's root: from cargo when it runs us, else as compiled.
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let manifest = manifest.filter(|path| path.ends_with("xtask"));
    let manifest = manifest.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).to_owned());
    manifest.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

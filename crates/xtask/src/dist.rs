//! What is shipped, out of what `make wasm` has left: modules, an OCI image layout and a bill of materials of each, and the sums of all.
//! Nothing of it depends on the time or the place.

mod bom;
mod oci;

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use sha2::{Digest, Sha256};

use crate::{TaskResult, root, wasm};

use oci::Image;

/// The sums of all other files, as `sha256sum` reads them.
const SUMS: &str = "SHA256SUMS";

/// Writes `target/dist`.
pub(crate) fn write() -> TaskResult {
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec()?;
    let target = metadata.target_directory.as_std_path();
    let dist = target.join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    fs::create_dir_all(&dist)?;
    let mut images = String::new();
    for plugin in shipped(&metadata) {
        let name = wasm::module(plugin);
        let path = target.join("wasm").join(format!("{name}.wasm"));
        let module = fs::read(&path).map_err(|error| format!("{}: {error}: `make wasm` builds it", path.display()))?;
        fs::write(dist.join(format!("{name}.wasm")), &module)?;
        let image = Image::of(&module, &name, &plugin.version.to_string())?;
        image.write(&dist.join("oci").join(&name))?;
        images.push_str(&format!("{name} {}\n", image.digest()));
    }
    fs::write(dist.join("images.txt"), &images)?;
    bom::write(&metadata, &shipped(&metadata), &dist)?;
    fs::write(dist.join(SUMS), sums(&dist)?)?;
    print!("{images}");
    Ok(())
}

/// The plugins, and no plugin that only tests load.
fn shipped(metadata: &Metadata) -> Vec<&Package> {
    let plugins = metadata.workspace_root.join("plugins");
    metadata.packages.iter().filter(|package| package.manifest_path.starts_with(&plugins)).collect()
}

/// A line for each file below `folder`, by name.
fn sums(folder: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut lines = String::new();
    for file in files {
        let name = file.strip_prefix(folder)?.to_string_lossy().into_owned();
        lines.push_str(&format!("{}  {name}\n", sha256(&fs::read(&file)?)));
    }
    Ok(lines)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> TaskResult {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;

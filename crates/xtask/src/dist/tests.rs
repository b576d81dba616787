use std::collections::BTreeMap;
use std::io::Read;

use serde_json::Value;

use super::*;

const MODULE: &[u8] = b"\0asm\x01\0\0\0 a module, more or less";

/// A folder of this test, gone in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("portcullis-dist-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The layout of the module's image, written here.
    fn with_image(name: &str) -> (Self, Image) {
        let (folder, image) = (Self::new(name), Image::of(MODULE, "plugin", "1.2.3").unwrap());
        image.write(&folder.0).unwrap();
        (folder, image)
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = Vec::new();
        collect(&self.0, &mut files).unwrap();
        let name = |file: &Path| file.strip_prefix(&self.0).unwrap().to_string_lossy().into_owned();
        files.iter().map(|file| (name(file), fs::read(file).unwrap())).collect()
    }

    fn json(&self, file: &str) -> Value {
        serde_json::from_slice(&fs::read(self.0.join(file)).unwrap()).unwrap()
    }

    /// The bytes that `descriptor` leads to, which are what it says.
    fn blob(&self, descriptor: &Value) -> Vec<u8> {
        let digest = descriptor["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap();
        let bytes = fs::read(self.0.join("blobs/sha256").join(digest)).unwrap();
        assert_eq!(sha256(&bytes), digest);
        assert_eq!(descriptor["size"], bytes.len());
        bytes
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn only<T: Clone>(items: &[T]) -> T {
    let [item] = items else { panic!("{} instead of one", items.len()) };
    item.clone()
}

#[test]
fn an_image_leads_from_its_index_to_the_same_module() {
    let (folder, image) = Folder::with_image("resolved");
    assert_eq!(folder.json("oci-layout")["imageLayoutVersion"], "1.0.0");
    let descriptor = only(folder.json("index.json")["manifests"].as_array().unwrap());
    assert_eq!(descriptor["digest"], image.digest());
    assert_eq!(descriptor["mediaType"], "application/vnd.oci.image.manifest.v1+json");
    let manifest: Value = serde_json::from_slice(&folder.blob(&descriptor)).unwrap();
    assert_eq!(manifest["mediaType"], descriptor["mediaType"]);
    assert_eq!(manifest["annotations"]["module.wasm.image/variant"], "compat");

    let layer = only(manifest["layers"].as_array().unwrap());
    assert_eq!(layer["mediaType"], "application/vnd.oci.image.layer.v1.tar+gzip");
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(folder.blob(&layer).as_slice()).read_to_end(&mut tar).unwrap();
    let config: Value = serde_json::from_slice(&folder.blob(&manifest["config"])).unwrap();
    assert_eq!(only(config["rootfs"]["diff_ids"].as_array().unwrap()), format!("sha256:{}", sha256(&tar)));

    let mut archive = tar::Archive::new(tar.as_slice());
    let files = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().into_owned(), bytes)
    });
    assert_eq!(files.collect::<Vec<_>>(), [(PathBuf::from("plugin.wasm"), MODULE.to_vec())]);
}

#[test]
fn two_images_of_one_module_are_the_same_to_the_byte() {
    let (one, _) = Folder::with_image("one");
    let (other, _) = Folder::with_image("other");
    assert_eq!(one.files(), other.files());
    assert_eq!(one.files().len(), 5);
}

#[test]
fn every_file_has_its_sum() {
    let folder = Folder::new("sums");
    fs::create_dir(folder.0.join("b")).unwrap();
    fs::write(folder.0.join("c"), "").unwrap();
    fs::write(folder.0.join("b/a"), "abc").unwrap();
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b/a
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  c
";
    assert_eq!(sums(&folder.0).unwrap(), expected);
}

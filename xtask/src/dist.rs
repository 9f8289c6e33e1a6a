//! `dist`: a release archive of the program for this machine, with its checksum.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use xshell::{Shell, cmd};

use crate::Result;
use crate::release::package::sha256;
use crate::workspace::{Dependencies, Workspace};

const PROGRAM: &str = "conversation-delete";

const SHELLS: [(&str, &str); 5] = [
    ("bash", "conversation-delete.bash"),
    ("elvish", "conversation-delete.elv"),
    ("fish", "conversation-delete.fish"),
    ("powershell", "_conversation-delete.ps1"),
    ("zsh", "_conversation-delete"),
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = workspace.shell()?;
    cmd!(shell, "cargo build --locked --package conversation-delete-cli --release").run()?;
    let target = workspace.metadata(Dependencies::LeftOut)?.target_directory;
    let program = target.join("release").join(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
    let host = cmd!(shell, "rustc --print host-tuple").quiet().read()?;
    let name = format!("{PROGRAM}-{}-{host}", workspace.version()?);
    let archive = Archive { name, program: program.into(), modified: modified(&shell)? };
    println!("{}", archive.write(workspace.root(), &workspace.root().join("target/dist"))?.display());
    Ok(())
}

/// The time of every file in the archive: `SOURCE_DATE_EPOCH`, or else the date of the commit.
fn modified(shell: &Shell) -> Result<u64> {
    let seconds = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => seconds,
        Err(_) => cmd!(shell, "git log -1 --format=%ct").quiet().read()?,
    };
    seconds.parse().map_err(|_| format!("SOURCE_DATE_EPOCH is not a number of seconds: {seconds}").into())
}

struct Archive {
    /// Of the archive without `.tar.gz`, and of the folder in it.
    name: String,
    program: PathBuf,
    modified: u64,
}

impl Archive {
    /// Writes the archive and `SHA256SUMS` to the folder `out`, and returns the archive's path.
    fn write(&self, root: &Path, out: &Path) -> Result<PathBuf> {
        let pages = tempfile::tempdir()?;
        let entries = self.entries(root, pages.path())?;
        fs::create_dir_all(out)?;
        let file = format!("{}.tar.gz", self.name);
        let mut tar = tar::Builder::new(GzEncoder::new(File::create(out.join(&file))?, Compression::best()));
        // The same for the same content, whoever made it and when.
        let mut header = tar::Header::new_gnu();
        header.set_mtime(self.modified);
        header.set_uid(0);
        header.set_gid(0);
        for (path, (mode, bytes)) in &entries {
            header.set_mode(*mode);
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header.clone(), format!("{}/{path}", self.name), bytes.as_slice())?;
        }
        tar.into_inner()?.finish()?.sync_all()?;
        let sum = sha256(&fs::read(out.join(&file))?);
        File::create(out.join("SHA256SUMS"))?.write_all(format!("{sum}  {file}\n").as_bytes())?;
        Ok(out.join(file))
    }

    /// Mode and content of each file, by its path.
    fn entries(&self, root: &Path, pages: &Path) -> Result<BTreeMap<String, (u32, Vec<u8>)>> {
        let (shell, program) = (Shell::new()?, &self.program);
        let name_of = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut entries = BTreeMap::from([(name_of(program), (0o755, fs::read(program)?))]);
        for file in ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "crates/conversation-delete-cli/README.md"] {
            entries.insert(name_of(file.as_ref()), (0o644, fs::read(root.join(file))?));
        }
        for (name, file) in SHELLS {
            let script = cmd!(shell, "{program} completions {name}").quiet().output()?.stdout;
            entries.insert(format!("completions/{file}"), (0o644, script));
        }
        cmd!(shell, "{program} man --out {pages}").quiet().run()?;
        for page in fs::read_dir(pages)? {
            let path = page?.path();
            entries.insert(format!("man/{}", name_of(&path)), (0o644, fs::read(&path)?));
        }
        Ok(entries)
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    const STAND_IN: &str = "#!/bin/sh\nif [ $1 = man ]; then echo page > $3/page.1; else echo script for $2; fi\n";

    #[test]
    fn an_archive_is_whole_the_same_in_every_run_and_has_its_checksum() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(PROGRAM);
        fs::write(&program, STAND_IN).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let archive = Archive { name: "x-1.2.3-here".to_owned(), program, modified: 1_767_225_600 };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let [one, two] = ["one", "two"].map(|out| archive.write(root, &folder.path().join(out)).unwrap());
        assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());

        let run = |name: &str, arguments: &[&str]| {
            let output = Command::new(name).args(arguments).current_dir(one.parent().unwrap()).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(run("sha256sum", &["--check", "SHA256SUMS"]), "x-1.2.3-here.tar.gz: OK\n");
        let listed = run("tar", &["-t", "-v", "-z", "--numeric-owner", "--utc", "-f", "x-1.2.3-here.tar.gz"]);
        let mut expected = SHELLS.map(|(_, file)| format!("completions/{file}")).to_vec();
        expected.extend(
            ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", PROGRAM, "man/page.1"].map(Into::into),
        );
        expected.sort();
        let names: Vec<&str> = listed.lines().map(|line| line.rsplit_once("-here/").unwrap().1).collect();
        assert_eq!(names, expected);
        assert!(listed.lines().all(|line| line.contains(" 0/0 ") && line.contains("2026-01-01 00:00")), "{listed}");
        let (programs, others): (Vec<&str>, _) = listed.lines().partition(|line| line.starts_with("-rwxr-xr-x "));
        assert!(programs.len() == 1 && programs[0].ends_with("/conversation-delete"), "{listed}");
        assert!(others.iter().all(|line: &&str| line.starts_with("-rw-r--r-- ")), "{listed}");
    }
}

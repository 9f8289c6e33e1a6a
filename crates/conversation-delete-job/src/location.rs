//! Where a job file lies, and whether it may be run there.

use std::path::Path;

use crate::error::{JobError, JobErrorKind};

/// Refuses to run a file of which SQLite could write two logs: the log is named by the path, and the latest outcomes are in
/// it.
pub(crate) fn check(path: &Path) -> Result<(), JobError> {
    let refuse = |kind, message: String| Err(JobError::new(kind, message));
    let shown = path.display();
    if is_mounted_alone(path) {
        return refuse(
            JobErrorKind::UnsafeLocation,
            format!(
                "{shown} is a mount point of its own, so that its log {shown}-wal, which holds the latest outcomes, would be \
             written elsewhere: mount the folder instead; nothing was sent"
            ),
        );
    }
    match links(path) {
        0 | 1 => Ok(()),
        some => refuse(
            JobErrorKind::Linked,
            format!(
                "{shown} has {some} names (hard links), and a run by each of them would write a log of its own: remove the \
             other names, or make a copy; nothing was sent"
            ),
        ),
    }
}

#[cfg(unix)]
fn links(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| std::os::unix::fs::MetadataExt::nlink(&metadata))
}

#[cfg(not(unix))]
fn links(_: &Path) -> u64 {
    0
}

#[cfg(target_os = "linux")]
fn is_mounted_alone(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    std::fs::read("/proc/self/mountinfo").is_ok_and(|mounts| is_mount_point(&mounts, &path))
}

#[cfg(not(target_os = "linux"))]
fn is_mounted_alone(_: &Path) -> bool {
    false
}

/// Whether a path is a mount point, by the text of `/proc/self/mountinfo`, in which it is the fifth field of a line.
#[cfg(any(target_os = "linux", test))]
fn is_mount_point(mounts: &[u8], path: &Path) -> bool {
    let fields = mounts.split(|byte| *byte == b'\n').filter_map(|line| line.split(|byte| *byte == b' ').nth(4));
    fields.map(unescape).any(|mounted| mounted == path.as_os_str().as_encoded_bytes())
}

/// Spaces, tabs, line feeds and backslashes are written there as a backslash and three octal digits.
#[cfg(any(target_os = "linux", test))]
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let digits = if *first == b'\\' { after.first_chunk::<3>() } else { None };
        let octal = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        bytes.push(octal.unwrap_or(*first));
        rest = if octal.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    bytes
}

/// The kind of network file system that a file is on, or nothing if it is on a local one, or if that is not known on this
/// platform. SQLite's locks and its log need a local disk. A file that does not exist yet is judged by its folder.
pub fn network_file_system(path: &Path) -> Option<&'static str> {
    file_system(path).and_then(network_name)
}

#[cfg(target_os = "linux")]
fn file_system(path: &Path) -> Option<u32> {
    let folder = || std::path::absolute(path).ok()?.parent().map(Path::to_owned);
    let found = rustix::fs::statfs(path).ok().or_else(|| rustix::fs::statfs(&folder()?).ok())?;
    // The number has 32 bits, which some platforms extend by their sign.
    Some(found.f_type as u32)
}

#[cfg(not(target_os = "linux"))]
fn file_system(_: &Path) -> Option<u32> {
    None
}

/// By the numbers of `statfs(2)`.
fn network_name(file_system: u32) -> Option<&'static str> {
    Some(match file_system {
        0x6969 => "NFS",
        0x517B => "SMB",
        0xFF53_4D42 => "CIFS",
        0xFE53_4D42 => "SMB2",
        0x564C => "NCP",
        0x0102_1997 => "9p",
        0x6573_5546 => "FUSE (such as sshfs)",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x00C3_6400 => "Ceph",
        0x7375_7245 => "Coda",
        0x0BD0_0BD0 => "Lustre",
        0x7461_636F => "OCFS2",
        0x0116_1970 => "GFS2",
        0x4750_4653 => "GPFS",
        0x1983_0326 => "BeeGFS",
        0x786F_4256 => "VirtualBox shared folder",
        0xBACB_ACBC => "VMware shared folder",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_that_is_mounted_itself_is_a_mount_point() {
        let mounts = b"22 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n\
                       30 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n\
                       41 30 8:1 /jobs/a.job /data/a.job rw - ext4 /dev/sda1 rw\n\
                       42 30 8:1 /x /data/with\\040space\\134b.job rw - ext4 /dev/sda1 rw\n\
                       43 30 8:1 / /folder rw - ext4 /dev/sda1 rw\n\
                       short line\n";
        let table = [
            ("/data/a.job", true),
            ("/data/with space\\b.job", true),
            ("/data/a.job-wal", false),
            ("/data/a", false),
            ("/folder/a.job", false),
            ("/jobs/a.job", false),
            ("/dev/sda1", false),
        ];
        for (path, expected) in table {
            assert_eq!(is_mount_point(mounts, Path::new(path)), expected, "{path}");
        }
        assert!(!is_mount_point(b"", Path::new("/data/a.job")));
        assert_eq!(unescape(br"a\04"), br"a\04");
        assert_eq!(unescape(br"\999\011"), b"\\999\t");
    }

    #[test]
    fn network_file_systems_are_known_by_their_number() {
        let network = [
            (0x6969, "NFS"),
            (0xFF53_4D42, "CIFS"),
            (0xFE53_4D42, "SMB2"),
            (0x0102_1997, "9p"),
            (0x6573_5546, "FUSE (such as sshfs)"),
        ];
        for (number, name) in network {
            assert_eq!(network_name(number), Some(name));
        }
        // ext4, XFS, Btrfs, tmpfs, overlay, ZFS, F2FS.
        for local in [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630, 0x2FC1_2FC1, 0xF2F5_2010] {
            assert_eq!(network_name(local), None, "{local:#x}");
        }
        let here = tempfile::tempdir().unwrap();
        assert_eq!(network_file_system(&here.path().join("new.job")), network_file_system(here.path()));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_several_names_is_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.job");
        std::fs::write(&path, "anything").unwrap();
        check(&path).unwrap();
        std::fs::hard_link(&path, folder.path().join("other")).unwrap();
        let error = check(&path).unwrap_err();
        assert_eq!(error.kind(), JobErrorKind::Linked);
        assert!(error.to_string().contains("2 names (hard links)"), "{error}");
    }
}

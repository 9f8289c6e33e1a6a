//! The command: JSON on stdout, a line for each case on stderr, and its exit code.

use conversation_delete_fake::{Role, Vendor};
use delete_conformance::live::Report;

use crate::account::{account, run_command, variables};

#[tokio::test]
async fn the_exit_code_says_whether_anything_disagrees() {
    let (fake, ids) = account(Vendor::Tavus).await;
    let variables = || variables(&fake, Role::Full);
    let delete = format!("{},{}", ids[0], ids[1]);
    let (code, stdout, stderr) = run_command(&["tavus", "--delete-these", &delete, "--hard"], &variables()).await;
    let report: Report = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, report.schema, report.vendor.as_str()), (0, 1, "tavus"), "{stderr}");
    assert!(stderr.contains("agrees        delete (record 2): 204"), "{stderr}");
    assert!(stderr.contains(" 0 disagree, 0 not exercised, 0 failed"), "{stderr}");

    fake.set_option("unknown_id", "404_json").unwrap();
    let (code, stdout, stderr) = run_command(&["tavus"], &variables()).await;
    assert_eq!(code, 1);
    assert!(stderr.contains("DISAGREES     lookup_unknown: 404"), "{stderr}");
    assert!(serde_json::from_str::<Report>(&stdout).unwrap().problems().count() >= 1);

    fake.revoke(Role::Full);
    let (code, stdout, stderr) = run_command(&["tavus"], &variables()).await;
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("error: ") && stderr.contains("No case was tried"), "{stderr}");
}

#[tokio::test]
async fn what_cannot_be_used_is_exit_code_2() {
    for (arguments, named) in [
        (&["acme"][..], "not one of"),
        (&[], "<VENDOR>"),
        (&["tavus"], "TAVUS_API_KEY"),
        (&["tavus", "--delete-these", "c1"], "add --hard or --soft"),
    ] {
        let (code, stdout, stderr) = run_command(arguments, &[]).await;
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains(named), "{stderr}");
    }
    let (code, stdout, stderr) = run_command(&["--help"], &[]).await;
    assert!(code == 0 && stderr.is_empty() && stdout.contains("--delete-these <ID,ID>"), "{stdout}{stderr}");
}

//! Fini's single route: one request for each id, and an outcome that proves nothing by itself.

use conversation_delete_fake::Vendor;
use serde_json::json;

use crate::job::{Stage, summary};
use crate::support::World;

const ABSENT: &str = "00000000-0000-4000-8000-00000000dead";

#[test]
fn the_single_route_acknowledges_each_id_and_says_nothing_of_it() {
    let world = World::new(Vendor::Fini);
    let mut ids = world.fake.seed(3);
    ids.push(ABSENT.to_owned());
    let run = world.delete(["--single".to_owned()].iter().chain(&ids));
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("acknowledged", 4)]);
    let mut deletes = world.deletes();
    deletes.sort_unstable();
    let mut expected: Vec<String> = ids.iter().map(|id| format!("/v2/hc-interactions/{id}/public")).collect();
    expected.sort_unstable();
    assert_eq!(deletes, expected);
}

#[test]
fn the_list_proves_what_the_single_route_does_not() {
    let world = World::new(Vendor::Fini);
    let ids = world.fake.seed(3);
    let run = world.delete(["--single", "--verify", "--wait", "0"].map(str::to_owned).iter().chain(&ids));
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("deleted", 3), ("verified", 3)]);
    assert!(world.deletes().iter().all(|path| path != "/v2/hc-interactions/public"));
}

#[test]
fn one_id_is_looked_up_in_the_list_before_its_delete() {
    let single = &[("acknowledged", 1), ("unverified", 1)][..];
    for (route, counts) in [(&[][..], &[("not_found", 1)][..]), (&["--single"], single)] {
        let world = World::new(Vendor::Fini);
        let ids = world.fake.seed(2);
        let run =
            |id: &str| world.delete(route.iter().copied().chain(["--verify", "--rate", "1000", "--wait", "0", id]));
        let present = run(&ids[0]);
        assert_eq!(present.code, Some(0), "{present:?}");
        let before = &present.lines()[0]["presence"]["before"];
        assert_eq!((&before["state"], &before["status"]), (&json!("present"), &json!("closed")), "{before}");
        let absent = run(ABSENT);
        assert_eq!(absent.code, Some(3), "{absent:?}");
        absent.has_summary(counts);
        assert_eq!(absent.lines()[0]["presence"]["before"]["state"], "unknown", "{absent:?}");
    }
}

#[test]
fn the_single_route_is_part_of_a_plan() {
    let stage = Stage::new(&[Vendor::Fini]);
    let ids = stage.world().fake.seed(3);
    let file = stage.file("ids", &ids);
    assert_eq!(stage.plan(&["--ids-from", &file, "--single"]).code, Some(0));
    let status = stage.go(&["status", "job", "--output", "json"]);
    assert_eq!(status.lines()[0]["targets"][0]["options"], json!("single"), "{status:?}");
    let run = stage.run(3, &[]);
    assert_eq!((run.code, &summary(&run)["acknowledged"]), (Some(0), &json!(3)), "{run:?}");
    assert!(stage.world().deletes().iter().all(|path| path.ends_with("/public") && path.len() > 40), "{run:?}");
}

#[test]
fn the_single_route_is_for_fini_and_not_for_its_bulk_route() {
    for (vendor, args) in [(Vendor::Tavus, &["--hard", "--single"][..]), (Vendor::Fini, &["--single", "--one-by-one"])]
    {
        let world = World::new(vendor);
        let id = world.fake.seed(1);
        let run = world.delete(args.iter().copied().chain([id[0].as_str()]));
        assert_eq!((run.code, world.fake.stats().requests), (Some(2), 0), "{run:?}");
        assert!(run.stderr.contains("--single"), "{run:?}");
    }
}

//! The files for containers: what the image is allowed, and that the commands of the compose file do what they say.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Child;

use conversation_delete_fake::{Fake, Role, Vendor};
use serde_json::Value;

use crate::support::{STATE_DIR, program, run, spawn};

const DOCKERFILE: &str = include_str!("../../../../docs/deploy/Dockerfile");
const IGNORED: &str = include_str!("../../../../docs/deploy/Dockerfile.dockerignore");
const COMPOSE: &str = include_str!("../../../../docs/deploy/compose.yaml");
const STATE: &str = "/var/lib/conversation-delete";

fn instructions(name: &str) -> Vec<&'static str> {
    let prefix = format!("{name} ");
    DOCKERFILE.lines().filter_map(|line| line.strip_prefix(prefix.as_str())).collect()
}

#[test]
fn the_image_is_pinned_and_runs_without_root_or_shell() {
    for base in instructions("FROM") {
        let image = base.split(' ').next().unwrap();
        let tag = image.split_once(':').unwrap().1;
        assert!(image.contains("@sha256:") || tag.split('.').count() == 3, "neither a digest nor a version: {image}");
    }
    assert!(instructions("FROM").last().unwrap().contains("distroless"));
    let (_, last_stage) = DOCKERFILE.rsplit_once("\nFROM ").unwrap();
    assert!(!last_stage.contains("\nRUN "), "there is no shell");
    assert_eq!(instructions("USER"), ["65532:65532"]);
    assert!(last_stage.contains(&format!("COPY --from=build --chown=65532:65532 /state {STATE}\n")));
    assert_eq!(instructions("ENV"), [format!("{STATE_DIR}={STATE}/jobs")]);
    assert_eq!((instructions("VOLUME"), instructions("WORKDIR").pop()), (vec![STATE], Some(STATE)));
    assert_eq!(instructions("ENTRYPOINT"), [r#"["/usr/local/bin/conversation-delete"]"#]);
    assert_eq!(IGNORED.lines().find(|line| !line.starts_with('#')), Some("*"), "nothing is sent unless it is named");
}

fn compose() -> Value {
    serde_norway::from_str(COMPOSE).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_container_has_the_least_rights_and_its_state_on_a_volume() {
    let compose = compose();
    for (name, service) in compose["services"].as_object().unwrap() {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"], "{name}");
        let key = Fake::in_process(Vendor::Tavus).key(Role::Full);
        assert_eq!(service["environment"]["TAVUS_API_KEY"], key.as_str(), "{name}");
    }
    let ports = texts(&compose["services"]["fakes"]["ports"]);
    assert!(ports.iter().all(|port| port.starts_with("127.0.0.1:")), "{ports:?}");
    assert_eq!(compose["services"]["sweep"]["network_mode"], "service:fakes");
    assert_eq!(texts(&compose["services"]["sweep"]["volumes"]), [format!("state:{STATE}")]);
}

/// The fakes, stopped at the end of the test.
struct Fakes(Child);

impl Drop for Fakes {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Four ports that are free, the first of them; the file's own may be in use here.
fn free_base() -> u16 {
    let bind = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let first = 40_000 + (std::process::id() % 10_000) as u16;
    (first..60_000).step_by(4).find(|base| (*base..base + 4).all(|port| bind(port).is_ok())).unwrap()
}

#[test]
fn the_commands_of_the_compose_file_delete_at_the_fakes() {
    let compose = compose();
    let base = free_base();
    let moved = |text: String| text.replace("4013", &(base + 3).to_string()).replace("4010", &base.to_string());
    let service = |name: &str| &compose["services"][name];
    let environment = |name: &str| -> HashMap<String, String> {
        let variables = service(name)["environment"].as_object().unwrap().iter();
        variables.map(|(name, value)| (name.clone(), moved(value.as_str().unwrap().to_owned()))).collect()
    };
    let args = texts(&service("fakes")["command"]).into_iter().map(moved);
    let mut fakes = Fakes(spawn(program().args(args)));
    let printed = BufReader::new(fakes.0.stdout.take().unwrap()).lines().map(Result::unwrap).take(12);
    let printed: Vec<String> = printed.collect();
    assert!(printed.contains(&format!("TAVUS_BASE_URL={}", environment("fakes")["TAVUS_BASE_URL"])), "{printed:?}");

    let health = texts(&service("fakes")["healthcheck"]["test"]);
    assert_eq!(health[..2], ["CMD", "/usr/local/bin/conversation-delete"]);
    let healthy = run(program().envs(environment("fakes")).args(&health[2..]), "");
    assert_eq!(healthy.code, Some(0), "{healthy:?}");

    let state = tempfile::tempdir().unwrap();
    let mut command = program();
    command.envs(environment("sweep")).env(STATE_DIR, state.path()).args(texts(&service("sweep")["command"]));
    let swept = run(&mut command, "");
    assert_eq!(swept.code, Some(0), "{swept:?}");
    let rest = run(program().envs(environment("sweep")).args(["list", "tavus"]), "");
    assert_eq!((rest.code, rest.stdout.as_str()), (Some(0), ""), "everything is swept: {swept:?}");
    assert_eq!(run(&mut command, "").code, Some(0), "there is nothing to sweep any more");
}

//! The arguments of `evidence`, and those by which `delete` and `run` write evidence.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use conversation_delete_evidence::Language;

use crate::report::Format;

#[derive(Args, Debug)]
pub(crate) struct EvidenceArgs {
    #[command(subcommand)]
    pub(crate) command: EvidenceCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// Write a bundle of what became of each record of a job, which anybody can check
    Export(EvidenceExportArgs),
    /// Check a bundle or a proof, offline. Exit code 8 if it does not verify
    Verify(EvidenceVerifyArgs),
    /// Prove for ids that they are in a signed bundle, without showing the others
    Prove(EvidenceProveArgs),
    /// Make a key that signs bundles, or one for pseudonyms
    Keygen(EvidenceKeygenArgs),
}

impl EvidenceCommand {
    /// Whether stdout takes NDJSON.
    pub(crate) fn is_json(&self) -> bool {
        match self {
            Self::Export(args) => args.output == Format::Json,
            Self::Verify(args) => args.output == Format::Json,
            Self::Prove(args) => args.output == Format::Json,
            Self::Keygen(_) => false,
        }
    }
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("file").args(["out", "html_only"]).required(true))]
pub(crate) struct EvidenceExportArgs {
    /// The job file, or a folder of shards
    pub(crate) job: PathBuf,
    /// Write the bundle to this ZIP file, readable by its owner alone. It must not exist
    #[arg(long, value_name = "FILE.zip")]
    pub(crate) out: Option<PathBuf>,
    /// Write the report alone, as an HTML file
    #[arg(long, value_name = "FILE.html", conflicts_with = "sign")]
    pub(crate) html_only: Option<PathBuf>,
    /// Sign the bundle with the key in this file, which `evidence keygen` made
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) sign: Option<PathBuf>,
    /// Replace ids by keyed hashes, with the key in this file, which `evidence keygen --pseudonym` made
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) pseudonymize: Option<PathBuf>,
    /// The language of the report: en, de, fr or es
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = parse_language)]
    pub(crate) lang: Language,
    /// How to write the result: a line, or an object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct EvidenceVerifyArgs {
    /// The bundle; or a proof: INDEX.json or INDEX.tlog-proof, with the other one beside it
    pub(crate) file: PathBuf,
    /// The verifier key that the signature must be of, or a file that holds it
    #[arg(long, value_name = "KEY")]
    pub(crate) public_key: Option<String>,
    /// How to write the result: a line, or an object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct EvidenceProveArgs {
    /// The bundle
    pub(crate) file: PathBuf,
    /// The ids
    #[arg(value_name = "ID", required = true)]
    pub(crate) ids: Vec<String>,
    /// The folder for INDEX.json and INDEX.tlog-proof of each record. It is made if it does not exist
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The ids are those of the vendor, and the bundle has pseudonyms made with the key in this file
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) pseudonymize: Option<PathBuf>,
    /// How to write the result: a line, or an object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("kind").args(["name", "pseudonym"]).required(true))]
pub(crate) struct EvidenceKeygenArgs {
    /// Make a key that signs, with this name, such as example.com-erasure; its verifier key is printed, and written to FILE.pub
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Make a key for pseudonyms
    #[arg(long)]
    pub(crate) pseudonym: bool,
    /// The file for the key, readable by its owner alone. It must not exist
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// How `delete` and `run` write evidence.
#[derive(Args, Clone, Debug)]
pub(crate) struct BundleArgs {
    /// Write a bundle of evidence to this ZIP file when every id has its outcome. It must not exist
    #[arg(long, value_name = "FILE.zip")]
    pub(crate) evidence: Option<PathBuf>,
    /// Sign the evidence with the key in this file, which `evidence keygen` made
    #[arg(long, visible_alias = "evidence-key", value_name = "KEYFILE", requires = "evidence")]
    pub(crate) sign: Option<PathBuf>,
    /// Replace ids in the evidence by keyed hashes, with the key in this file
    #[arg(long, visible_alias = "evidence-pseudonyms", value_name = "KEYFILE", requires = "evidence")]
    pub(crate) pseudonymize: Option<PathBuf>,
    /// The language of the evidence's report: en, de, fr or es [default: en]
    #[arg(long, visible_alias = "evidence-lang", value_name = "LANGUAGE", requires = "evidence", value_parser = parse_language)]
    pub(crate) lang: Option<Language>,
}

pub(super) fn parse_language(text: &str) -> Result<Language, &'static str> {
    Language::parse(text).ok_or("it is one of en, de, fr and es")
}

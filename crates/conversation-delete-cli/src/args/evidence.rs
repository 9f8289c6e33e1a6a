//! The arguments of `evidence`, and those by which `delete` and `run` write evidence.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueHint};
use clap_complete::engine::ArgValueCompleter;
use conversation_delete_evidence::Language;

use super::{candidates, help};
use crate::report::Format;

#[derive(Args, Debug)]
pub(crate) struct EvidenceArgs {
    #[command(subcommand)]
    pub(crate) command: EvidenceCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// Write a signed bundle that anybody can check
    #[command(after_long_help = help::EVIDENCE_EXPORT)]
    Export(EvidenceExportArgs),
    /// Check a bundle or a proof, offline
    #[command(after_long_help = help::EVIDENCE_VERIFY)]
    Verify(EvidenceVerifyArgs),
    /// Prove that ids are in a bundle, without showing others
    #[command(after_long_help = help::EVIDENCE_PROVE)]
    Prove(EvidenceProveArgs),
    /// Make a key that signs bundles, or one for pseudonyms
    #[command(after_long_help = help::EVIDENCE_KEYGEN)]
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
    #[arg(add = ArgValueCompleter::new(candidates::jobs))]
    pub(crate) job: PathBuf,
    /// Write the bundle to this new ZIP file
    ///
    /// Only its owner can read it. It must not exist.
    #[arg(long, value_name = "FILE.zip")]
    pub(crate) out: Option<PathBuf>,
    /// Write only the report, as HTML
    #[arg(long, value_name = "FILE.html", conflicts_with = "sign")]
    pub(crate) html_only: Option<PathBuf>,
    /// Sign the bundle with this key
    ///
    /// A file that `evidence keygen --name` made.
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) sign: Option<PathBuf>,
    /// Replace ids by keyed hashes, with this key
    ///
    /// A file that `evidence keygen --pseudonym` made.
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) pseudonymize: Option<PathBuf>,
    /// Language of the report: en, de, fr or es
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = parse_language)]
    pub(crate) lang: Language,
    /// Print the result as text or json
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct EvidenceVerifyArgs {
    /// The bundle, or one file of a proof
    ///
    /// A proof is INDEX.json or INDEX.tlog-proof, with the other one beside it.
    pub(crate) file: PathBuf,
    /// The verifier key of the expected signer
    ///
    /// The key itself, or a file that holds it. Without it, the signature is reported as not checked.
    #[arg(long, value_name = "KEY")]
    pub(crate) public_key: Option<String>,
    /// Print the result as text or json
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct EvidenceProveArgs {
    /// The bundle
    pub(crate) file: PathBuf,
    /// The ids
    #[arg(value_name = "ID", required = true)]
    pub(crate) ids: Vec<String>,
    /// The folder for the two files of each proof
    ///
    /// INDEX.json and INDEX.tlog-proof. The folder is created if it does not exist.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Key of the bundle's pseudonyms
    ///
    /// The ids given here are those of the vendor then.
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) pseudonymize: Option<PathBuf>,
    /// Print the result as text or json
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("kind").args(["name", "pseudonym"]).required(true))]
pub(crate) struct EvidenceKeygenArgs {
    /// Make a signing key with this name
    ///
    /// Such as example.com-erasure. Its verifier key is printed, and written to FILE.pub.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Make a key for pseudonyms
    #[arg(long)]
    pub(crate) pseudonym: bool,
    /// The new file for the key
    ///
    /// Only its owner can read it. It must not exist.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// How `delete` and `run` write evidence.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Verification and evidence")]
pub(crate) struct BundleArgs {
    /// Write evidence to this new ZIP file
    ///
    /// When every id has its outcome. The file must not exist.
    #[arg(long, value_hint = ValueHint::FilePath, value_name = "FILE.zip")]
    pub(crate) evidence: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) form: BundleFormArgs,
}

/// The keys and the language of evidence that `delete`, `run` and `sweep` write.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Verification and evidence")]
pub(crate) struct BundleFormArgs {
    /// Sign the evidence with this key
    ///
    /// A file that `evidence keygen --name` made.
    #[arg(long, value_hint = ValueHint::FilePath, hide_short_help = true, visible_alias = "evidence-key", value_name = "KEYFILE", requires = "evidence")]
    pub(crate) sign: Option<PathBuf>,
    /// Replace ids in the evidence by keyed hashes
    ///
    /// With the key in a file that `evidence keygen --pseudonym` made.
    #[arg(long, value_hint = ValueHint::FilePath, hide_short_help = true, visible_alias = "evidence-pseudonyms", value_name = "KEYFILE", requires = "evidence")]
    pub(crate) pseudonymize: Option<PathBuf>,
    /// Language of the report: en, de, fr or es
    ///
    /// Default: en.
    #[arg(long, hide_short_help = true, visible_alias = "evidence-lang", value_name = "LANGUAGE", requires = "evidence", value_parser = parse_language)]
    pub(crate) lang: Option<Language>,
}

pub(super) fn parse_language(text: &str) -> Result<Language, &'static str> {
    Language::parse(text).ok_or("it is one of en, de, fr and es")
}

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::time::SystemTime;

use conversation_delete_evidence::{ExportOptions, SignerKey, export, prove, verify};

/// Writes a signed bundle of a finished job, verifies it, and proves one of its records.
pub fn evidence(job: &Path, bundle: &Path, signer: SignerKey, id: &str) -> Result<String, Box<dyn Error>> {
    let verifier = signer.verifier(); // publish this key
    let mut options = ExportOptions::new("erasure-service", "1.2", SystemTime::now());
    options.signer = Some(signer);
    export(job, &options, File::create_new(bundle)?)?;
    verify(File::open(bundle)?, Some(&verifier))?;
    let proofs = prove(File::open(bundle)?, &[id.to_owned()], None)?;
    Ok(proofs[0].proof.clone())
}

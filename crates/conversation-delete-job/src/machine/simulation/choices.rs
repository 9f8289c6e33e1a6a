//! The bytes that a schedule is made of. Zero is the plainest choice everywhere, so that a shorter or smaller sequence is a
//! simpler schedule.

/// Where the choices of a schedule come from.
#[derive(Debug)]
pub(super) struct Choices {
    bytes: Vec<u8>,
    next: usize,
    /// Makes more bytes, if the schedule is a random one.
    random: Option<u64>,
}

impl Choices {
    pub(super) fn random(seed: u64) -> Self {
        Self { bytes: Vec::new(), next: 0, random: Some(seed) }
    }

    /// The schedule of these bytes. What comes after them is zero.
    pub(super) fn replay(bytes: Vec<u8>) -> Self {
        Self { bytes, next: 0, random: None }
    }

    /// The bytes that were used.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.next);
        self.bytes
    }

    fn byte(&mut self) -> u8 {
        if let (true, Some(state)) = (self.next == self.bytes.len(), &mut self.random) {
            self.bytes.extend(split_mix(state).to_le_bytes());
        }
        let byte = self.bytes.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        byte
    }

    /// A number below `end`, which is at most 256.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    /// True for so many of 256 bytes.
    pub(super) fn chance(&mut self, of_256: u16) -> bool {
        u16::from(self.byte()) >= 256 - of_256
    }

    pub(super) fn of<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.below(options.len())]
    }

    /// A number below `end`, for so many of 256 bytes.
    pub(super) fn maybe(&mut self, of_256: u16, end: usize) -> Option<usize> {
        self.chance(of_256).then(|| self.below(end))
    }
}

/// The generator SplitMix64.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Makes a failing schedule smaller as long as it fails: without some of its bytes, or with smaller ones.
pub(super) fn shrink(mut bytes: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    loop {
        let before = bytes.clone();
        let mut size = bytes.len().max(1);
        while size > 0 {
            let mut start = bytes.len().saturating_sub(size);
            loop {
                let end = (start + size).min(bytes.len());
                let without = [&bytes[..start], &bytes[end..]].concat();
                let zeroed = [&bytes[..start], &vec![0; end - start], &bytes[end..]].concat();
                if end > start && fails(&without) {
                    bytes = without;
                } else if bytes[start..end].iter().any(|byte| *byte > 0) && fails(&zeroed) {
                    bytes = zeroed;
                }
                if start == 0 {
                    break;
                }
                start = start.saturating_sub(size);
            }
            size /= 2;
        }
        for index in 0..bytes.len() {
            for smaller in [bytes[index] / 2, bytes[index].saturating_sub(1)] {
                let mut candidate = bytes.clone();
                candidate[index] = smaller;
                if smaller < bytes[index] && fails(&candidate) {
                    bytes = candidate;
                }
            }
        }
        if bytes == before {
            return bytes;
        }
    }
}

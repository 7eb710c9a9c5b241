package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;

/** Where log comes from: a path, as one stream has it. */
record LogSource(Octets stream, FilePath path) {}

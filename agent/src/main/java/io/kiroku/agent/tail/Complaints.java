package io.kiroku.agent.tail;

import io.kiroku.evidence.record.FilePath;

/** Takes complaints about directories and files that cannot be used, a sentence each. */
interface Complaints {
    void about(FilePath path, String sentence);
}

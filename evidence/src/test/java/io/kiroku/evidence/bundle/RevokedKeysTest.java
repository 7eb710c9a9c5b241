package io.kiroku.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.trust.Revocation;
import io.kiroku.evidence.trust.Revocations;
import io.kiroku.evidence.verify.Finding;
import io.kiroku.evidence.verify.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A witness saw the log with 9 entries: with the first two of the bundle's four segments, entries 5, 7, 9 and 11. */
class RevokedKeysTest {
    private static final Instant WITNESSED = Instant.ofEpochSecond(1_767_400_000L);

    @TempDir
    private Path directory;

    private final Handover handover = Handover.small();

    private Path bundle() throws Exception {
        SignedNote witnessed = handover.checkpoint(9, Handover.LOG, Handover.WITNESS);
        handover.seenBefore(witnessed, 9);
        return handover.write(directory.resolve("bundle"));
    }

    private static Policy policy() throws Exception {
        return Policy.parse("log %s\nwitness w %s\nquorum none\n"
                .formatted(Handover.LOG.verifierKey(), Handover.WITNESS.verifierKey())
                .getBytes(StandardCharsets.UTF_8));
    }

    private static Trust trust(Revocation... revoked) throws Exception {
        return new Trust(
                List.of(), Optional.of(policy()), List.of(), Revocations.of(List.of(revoked)), Optional.empty());
    }

    private Revocation identity(Instant since) {
        return new Revocation(handover.scribe.identity().publicKey(), since, "stolen");
    }

    private static List<String> findings(BundleVerdict verdict) {
        return verdict.report().integrity() instanceof Verdict.Fails fails
                ? fails.findings().stream().map(Finding::sentence).toList()
                : List.of();
    }

    @Test
    void whatAWitnessSawBeforeTheIdentityWasRevokedStaysValid() throws Exception {
        BundleVerdict verdict = Handover.check(bundle(), trust(identity(WITNESSED)));
        assertThat(findings(verdict))
                .singleElement()
                .satisfies(sentence -> assertThat(sentence)
                        .contains("2 segments from 3 to 4", "was revoked as of 2026-01-03T00:26:40Z (stolen)")
                        .endsWith("had its first 9 entries by then, and these are later ones"));
        assertThat(verdict.statements()).anyMatch(one -> one.startsWith("1 keys are revoked"));
    }

    @Test
    void nothingStaysValidThatNobodySawBefore() throws Exception {
        assertThat(findings(Handover.check(bundle(), trust(identity(WITNESSED.minusSeconds(1))))))
                .singleElement()
                .satisfies(one -> assertThat(one)
                        .contains("4 segments from 1 to 4")
                        .endsWith("nothing shows that the log had them before"));
    }

    @Test
    void theBundleNamesRevokedKeysItself() throws Exception {
        String line = Revocations.line(
                handover.scribe.identity().publicKey().toString(), WITNESSED.minusSeconds(1), "stolen");
        handover.others.put(BundleNames.REVOKED, (line + "\n").getBytes(StandardCharsets.UTF_8));
        assertThat(findings(Handover.check(bundle()))).hasSize(1);
        handover.others.put(BundleNames.REVOKED, "revoked\n".getBytes(StandardCharsets.UTF_8));
        assertThat(findings(Handover.check(bundle())))
                .singleElement()
                .satisfies(one -> assertThat(one).contains("revoked keys, line 1"));
    }

    /** Who has a witness's key cosigns with any time; so the word of a revoked one dates nothing. */
    @Test
    void aRevokedWitnessDatesNothing() throws Exception {
        Octets witness = Handover.WITNESS.verifierKey().publicKey();
        Revocation later = new Revocation(witness, WITNESSED.plusSeconds(60), "lost");
        assertThat(findings(Handover.check(bundle(), trust(identity(WITNESSED), later))))
                .singleElement()
                .satisfies(one -> assertThat(one)
                        .contains("4 segments from 1 to 4")
                        .endsWith("nothing shows that the log had them before"));
    }

    @Test
    void aCheckpointByARevokedKeyCountsIfOthersSawItBefore() throws Exception {
        VerifierKey log = Handover.LOG.verifierKey();
        Revocation stolen = new Revocation(log.publicKey(), WITNESSED.plusSeconds(1), "stolen");
        assertThat(findings(Handover.check(bundle(), trust(stolen))))
                .containsExactly("only revoked keys signed it, and nothing shows that they did before they were");

        long size = handover.log.edge().size();
        handover.seenBefore(handover.checkpoint(size, Handover.LOG, Handover.WITNESS), size);
        assertThat(findings(Handover.check(bundle(), trust(stolen)))).isEmpty();
        Revocation earlier = new Revocation(log.publicKey(), WITNESSED.minusSeconds(1), "stolen");
        assertThat(findings(Handover.check(bundle(), trust(earlier)))).hasSize(1);
    }
}

package io.kiroku.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.MlDsaKey;
import io.kiroku.evidence.log.NoteSigner;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tools of others, and the script that lies in a bundle, say of it: the same as the check here. */
class IndependentBundleTest {
    @TempDir
    private Path directory;

    private Path file(String name) {
        return directory.resolve(name);
    }

    private OtherTools.Outcome run(String... command) throws Exception {
        return new OtherTools(directory).run(command);
    }

    private OtherTools.Outcome script(Path bundle, String... more) throws Exception {
        return new OtherTools(directory).script(bundle, more);
    }

    private Path bundle() throws Exception {
        Handover handover = Handover.small();
        handover.seenBefore(handover.checkpoint(9, Handover.LOG, Handover.WITNESS), 9);
        return handover.write(file("bundle"));
    }

    @Test
    void theScriptAgrees() throws Exception {
        Path bundle = bundle();
        OtherTools.Outcome outcome = script(bundle);
        assertThat(outcome.status()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("All holds: 4 segments");
        assertThat(script(bundle, "--key", Handover.LOG.verifierKey().toString())
                        .status())
                .isZero();
        OtherTools.Outcome stranger = script(
                bundle, "--key", "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
        assertThat(stranger.status()).isEqualTo(1);
    }

    /** Whatever openssl is here: from 3.5 on it checks ML-DSA-44, before that the script says that it did not. */
    @Test
    void theScriptChecksCosignaturesAndWhatOpensslCan() throws Exception {
        NoteSigner quantum = NoteSigner.mlDsa44(Handover.NAME, MlDsaKey.generate(new CountedRandom("ml-dsa")));
        NoteSigner witness = NoteSigner.mlDsa44("witness.example/q", MlDsaKey.generate(new CountedRandom("witness")));
        Handover handover = Handover.small();
        handover.signers = new NoteSigner[] {Handover.LOG, quantum, Handover.WITNESS, witness};
        handover.others.put(
                BundleNames.LOG_KEYS,
                (Handover.LOG.verifierKey() + "\n" + quantum.verifierKey() + "\n").getBytes(StandardCharsets.UTF_8));
        Path bundle = handover.write(file("bundle"));
        boolean hasMlDsa =
                run("openssl", "list", "-signature-algorithms").text().contains("ML-DSA-44");
        String notChecked = "NOT CHECKED  the ML-DSA-44 signature of " + Handover.NAME;
        OtherTools.Outcome outcome =
                script(bundle, "--witness", Handover.WITNESS.verifierKey().toString());
        assertThat(outcome.status()).as(outcome.text()).isZero();
        assertThat(outcome.text().contains(notChecked)).isNotEqualTo(hasMlDsa);
        assertThat(script(bundle, "--key", Handover.LOG.verifierKey().toString())
                        .text())
                .doesNotContain(notChecked);
        for (NoteSigner mlDsa : List.of(quantum, witness)) {
            String option = mlDsa == quantum ? "--key" : "--witness";
            outcome = script(bundle, option, mlDsa.verifierKey().toString());
            assertThat(outcome.status()).as(outcome.text()).isEqualTo(hasMlDsa ? 0 : 1);
            assertThat(outcome.text().contains("this openssl cannot check how")).isNotEqualTo(hasMlDsa);
        }
        NoteSigner stranger =
                NoteSigner.ed25519Cosigner("witness.example/x", SigningKey.generate(new CountedRandom("x")));
        outcome = script(bundle, "--witness", stranger.verifierKey().toString());
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.text()).contains("the checkpoint is not signed by witness.example/x");
    }

    @Test
    void theScriptFindsWhatWasDone() throws Exception {
        Path bundle = bundle();
        Handover handover = Handover.small();
        String second = BundleNames.segment(handover.scribe.stream(), 2);
        String proof = BundleNames.proof(handover.scribe.stream(), 2);

        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        files.put(
                second,
                handover.scribe
                        .linkTo(handover.heads.getFirst())
                        .chunk(1, 8, "THREE\n")
                        .seal());
        assertFound(Handover.repack(bundle, file("forged"), files), "another key than its predecessor announced");

        files = Handover.unpack(bundle);
        byte[] log = Objects.requireNonNull(files.get(Handover.LOG_FILE)).clone();
        log[40] ^= 1;
        files.put(Handover.LOG_FILE, log);
        assertFound(Handover.repack(bundle, file("log"), files), "are not in the log file as they are here");

        files = Handover.unpack(bundle);
        byte[] moved = new String(Objects.requireNonNull(files.get(proof)), StandardCharsets.UTF_8)
                .replace("index 7\n", "index 9\n")
                .getBytes(StandardCharsets.UTF_8);
        files.put(proof, moved);
        assertFound(Handover.repack(bundle, file("proof"), files), "it is not proven that the log has its header");

        Handover other = Handover.rewritten();
        other.seenBefore(handover.checkpoint(9, Handover.LOG), 9);
        assertFound(other.write(file("rewritten")), "the log does not continue this state");
    }

    private void assertFound(Path bundle, String sentence) throws Exception {
        OtherTools.Outcome outcome = script(bundle);
        assertThat(outcome.status()).as(outcome.text()).isEqualTo(1);
        assertThat(outcome.text()).contains(sentence);
        assertThat(Handover.check(bundle).report().holds()).isFalse();
    }

    @Test
    void unzipAndSha256sumAgree() throws Exception {
        Path bundle = bundle();
        OtherTools.Outcome test = run("unzip", "-t", bundle.toString());
        assertThat(test.status()).as(test.text()).isZero();
        assertThat(run("unzip", "-q", bundle.toString(), "-d", "out").status()).isZero();
        OtherTools.Outcome sums = run("sh", "-c", "cd out && sha256sum -c SHA256SUMS");
        assertThat(sums.status()).as(sums.text()).isZero();
        assertThat(sums.text()).contains(Handover.LOG_FILE + ": OK").doesNotContain("FAILED");
    }

    @Test
    void lz4PrintsTheLog() throws Exception {
        Handover handover = Handover.small();
        Path bundle = handover.write(file("bundle"));
        assertThat(run("unzip", "-q", bundle.toString(), "-d", "out").status()).isZero();
        OtherTools.Outcome log = run("lz4", "--version");
        assertThat(log.status()).isZero();
        OtherTools.Outcome printed = run("sh", "-c", "cat out/segments/*/*.lz4 | lz4 -dc");
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        handover.segments.forEach(segment -> expected.writeBytes(Scribe.log(segment)));
        assertThat(printed.text()).isEqualTo(expected.toString(StandardCharsets.UTF_8));
    }
}

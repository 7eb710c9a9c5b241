package io.kiroku.evidence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Dice;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedNoteTest {
    /** The worked example of C2SP signed-note. */
    private static final String EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    private static final String EXAMPLE_SIGNATURE = "— example.com/foo"
            + " Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    private static final String EXAMPLE = "This is an example message.\n\n" + EXAMPLE_SIGNATURE;

    private static final Checkpoint CHECKPOINT =
            new Checkpoint("example.com/log", 7, CountedRandom.octets("root", MerkleTree.HASH));
    private static final long NOW = 1_700_000_000;

    private final NoteSigner log = NoteSigner.ed25519("example.com/log", SigningKey.generate(new CountedRandom("log")));
    private final NoteSigner witness =
            NoteSigner.ed25519Cosigner("witness.example/w", SigningKey.generate(new CountedRandom("witness")));
    private final NoteSigner mlDsa = NoteSigner.mlDsa44("example.com/log", MlDsaKey.generate(new CountedRandom("ml")));

    private static SignedNote parse(String note) throws MalformedException {
        return SignedNote.parse(note.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theExampleOfTheSpecificationHolds() throws Exception {
        VerifierKey key = VerifierKey.parse(EXAMPLE_KEY);
        assertThat(key).hasToString(EXAMPLE_KEY);
        SignedNote note = parse(EXAMPLE);
        assertThat(note.text()).isEqualTo("This is an example message.\n");
        assertThat(note.verify(List.of(key))).isEqualTo(new NoteVerdict.Holds(List.of(new NoteVerdict.Signed(key, 0))));
        assertThat(note.bytes()).asString(StandardCharsets.UTF_8).isEqualTo(EXAMPLE);
    }

    @Test
    void everyFlippedBitOfTheExampleIsFound() throws Exception {
        List<VerifierKey> keys = List.of(VerifierKey.parse(EXAMPLE_KEY));
        byte[] note = EXAMPLE.getBytes(StandardCharsets.UTF_8);
        for (int bit = 0; bit < 8 * note.length; bit++) {
            byte[] flipped = note.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            boolean holds;
            try {
                holds = SignedNote.parse(flipped).verify(keys).holds();
            } catch (MalformedException malformed) {
                assertThat(malformed).hasMessageStartingWith("expected");
                holds = false;
            }
            assertThat(holds).as("bit %d", bit).isFalse();
        }
    }

    @Test
    void logAndWitnessesSignOneCheckpoint() throws Exception {
        SignedNote note = SignedNote.sign(CHECKPOINT.text(), NOW, log, mlDsa)
                .with(List.of(witness.sign(CHECKPOINT.text(), NOW + 1)));
        SignedNote read = SignedNote.parse(note.bytes());
        assertThat(read).isEqualTo(note);
        assertThat(read.verify(List.of(witness.verifierKey(), mlDsa.verifierKey(), log.verifierKey())))
                .isEqualTo(new NoteVerdict.Holds(List.of(
                        new NoteVerdict.Signed(log.verifierKey(), 0),
                        new NoteVerdict.Signed(mlDsa.verifierKey(), NOW),
                        new NoteVerdict.Signed(witness.verifierKey(), NOW + 1))));
        assertThat(Checkpoint.parse(read.text())).isEqualTo(CHECKPOINT);
    }

    @Test
    void signaturesOfKeysThatAreNotKnownAreIgnored() throws Exception {
        SigningKey other = SigningKey.generate(new CountedRandom("other"));
        SignedNote note =
                SignedNote.sign(CHECKPOINT.text(), NOW, NoteSigner.ed25519("example.com/log", other), witness, log);
        assertThat(note.verify(List.of(log.verifierKey())))
                .isEqualTo(new NoteVerdict.Holds(List.of(new NoteVerdict.Signed(log.verifierKey(), 0))));
        // Its key id is the log's, its name is not.
        SignedNote.Signature borrowed = new SignedNote.Signature(
                "example.com/another" + "x".repeat(300), log.verifierKey().keyId(), Octets.zero(64));
        assertThat(SignedNote.parse(note.with(List.of(borrowed)).bytes())
                        .verify(List.of(log.verifierKey()))
                        .holds())
                .isTrue();
        assertThat(note.verify(List.of(mlDsa.verifierKey())))
                .isEqualTo(new NoteVerdict.Fails(
                        "none of its 3 signatures is by a key that is known: example.com/log (%s), %s (%s), %s (%s)"
                                .formatted(
                                        NoteSigner.ed25519("example.com/log", other)
                                                .verifierKey()
                                                .hexId(),
                                        witness.verifierKey().name(),
                                        witness.verifierKey().hexId(),
                                        log.verifierKey().name(),
                                        log.verifierKey().hexId())));
    }

    @Test
    void aWrongSignatureOfAKnownKeySpeaksAgainstTheNote() throws Exception {
        for (NoteSigner signer : List.of(log, witness, mlDsa)) {
            SignedNote.Signature right = signer.sign(CHECKPOINT.text(), NOW);
            byte[] bytes = right.bytes().toArray();
            bytes[bytes.length - 1] ^= 1;
            for (Octets wrong : List.of(Octets.of(bytes), Octets.zero(1), Octets.zero(bytes.length))) {
                SignedNote note = SignedNote.sign(CHECKPOINT.text(), NOW, log)
                        .with(List.of(right, new SignedNote.Signature(right.name(), right.keyId(), wrong)));
                assertThat(note.verify(List.of(log.verifierKey(), signer.verifierKey())))
                        .isEqualTo(new NoteVerdict.Fails("the signature of %s with key id %s does not hold"
                                .formatted(right.name(), signer.verifierKey().hexId())));
            }
        }
    }

    /** Bit 63 of a cosignature's time must be zero, and the time is what was signed. */
    @Test
    void anotherTimeIsNotWhatWasCosigned() throws Exception {
        for (NoteSigner signer : List.of(witness, mlDsa)) {
            for (int bit = 0; bit < 64; bit++) {
                SignedNote.Signature right = signer.sign(CHECKPOINT.text(), 0);
                byte[] bytes = right.bytes().toArray();
                bytes[bit / 8] ^= (byte) (1 << (bit % 8));
                SignedNote note = new SignedNote(
                        CHECKPOINT.text(),
                        List.of(new SignedNote.Signature(right.name(), right.keyId(), Octets.of(bytes))));
                assertThat(note.verify(List.of(signer.verifierKey())).holds()).isFalse();
            }
        }
    }

    @Test
    void cosignersSignCheckpointsOnly() throws Exception {
        for (NoteSigner cosigner : List.of(witness, mlDsa)) {
            assertThatThrownBy(() -> cosigner.sign("hello\n", NOW)).isInstanceOf(MalformedException.class);
        }
        assertThat(SignedNote.sign("hello\n", NOW, log)
                        .verify(List.of(log.verifierKey()))
                        .holds())
                .isTrue();
        String longOrigin = new Checkpoint("o".repeat(256), 1, MerkleTree.EMPTY).text();
        assertThatThrownBy(() -> mlDsa.sign(longOrigin, NOW)).hasMessageContaining("an origin of at most 255 bytes");
        assertThatThrownBy(() -> log.sign("hello\n", -1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** C2SP tlog-cosignature gives the message of type 0x04 in full. */
    @Test
    void theCosignedBytesAreThoseOfTheSpecification() throws Exception {
        String text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        assertThat(CosignedMessage.ed25519(1_679_315_147, text))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("cosignature/v1\ntime 1679315147\n" + text);
        String message = "737562747265652f76310a00" // "subtree/v1\n\0"
                + "0c" + "7769746e6573732f65782f31" // "witness/ex/1"
                + "0000000064187d0b" // time
                + "1b" + "6578616d706c652e636f6d2f626568696e642d7468652d736f6661" // the origin
                + "0000000000000000" // start
                + "00000000013e2dc3" // end
                + "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"; // root
        assertThat(Octets.of(CosignedMessage.mlDsa("witness/ex/1", 1_679_326_475, Checkpoint.parse(text))))
                .hasToString(message);
    }

    @Test
    void everyLineIsKeptAndTheLastEmptyOneDivides() throws Exception {
        String text = "a\n\n\nb\n\n— not a signature\n";
        assertThat(SignedNote.parse(SignedNote.sign(text, 0, log).bytes()).text())
                .isEqualTo(text);
        String poem = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n";
        String note = poem
                + "\n"
                + "— quasimodo.example/salvatore"
                + " NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
        assertThat(parse(note).text()).isEqualTo(poem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "\n\n",
                "text\n\n",
                "text\n",
                "text\n\n— name AAAAAAA=",
                "text\n\nname AAAAAAA=\n",
                "text\n\n- name AAAAAAA=\n",
                "text\n\n— name\n",
                "text\n\n—  AAAAAAA=\n",
                "text\n\n— na+me AAAAAAA=\n",
                "text\n\n— na\u00a0me AAAAAAA=\n",
                "text\n\n— na\u2003me AAAAAAA=\n",
                "text\n\n— na\u0085me AAAAAAA=\n",
                "text\n\n— name AAAAAA==\n",
                "text\n\n— name AAAAAAA\n",
                "text\n\n— name AAAAAAB=\n",
                "text\n\n— name AAAA AAA=\n",
                "text\n\n— name AAAAAAA= \n",
                "text\n\n— name AAAA-_A=\n",
                "te\txt\n\n— name AAAAAAA=\n",
                "text\r\n\n— name AAAAAAA=\n",
                "text\n\n— name AAAAAAA=\r\n"
            })
    void whatIsNoNoteIsRefused(String note) {
        assertThatThrownBy(() -> parse(note))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith("expected");
    }

    @Test
    void notesAreBounded() throws Exception {
        List<SignedNote.Signature> hundred = Collections.nCopies(100, log.sign("text\n", 0));
        SignedNote most = new SignedNote("text\n", hundred);
        assertThat(SignedNote.parse(most.bytes())
                        .verify(List.of(log.verifierKey()))
                        .holds())
                .isTrue();
        String more = new String(most.bytes(), StandardCharsets.UTF_8)
                + log.sign("text\n", 0).line() + "\n";
        assertThatThrownBy(() -> parse(more)).hasMessage("expected at most 100 signatures in a note, found more");
        assertThatThrownBy(() -> SignedNote.parse(new byte[(1 << 20) + 1]))
                .hasMessage("expected a note of at most 1048576 bytes, found 1048577");
        assertThatThrownBy(() -> SignedNote.parse(new byte[] {'a', '\n', (byte) 0xff, '\n'}))
                .hasMessage("expected UTF-8 in a note, found other bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "name",
                "na me+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "example.com/fob+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
                "example.com/foo+530d903a+",
                "example.com/foo+530d903a+AQ==",
                "example.com/foo+530d903a+Aeky+RrA"
            })
    void whatIsNoVerifierKeyIsRefused(String key) {
        assertThatThrownBy(() -> VerifierKey.parse(key))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith("expected");
    }

    @Test
    void verifierKeysAreWrittenAndRead() throws Exception {
        for (NoteSigner signer : List.of(log, witness, mlDsa)) {
            assertThat(VerifierKey.parse(signer.verifierKey().toString())).isEqualTo(signer.verifierKey());
        }
        assertThat(log.verifierKey().keyId()).isNotEqualTo(mlDsa.verifierKey().keyId());
    }

    @Test
    void aDestroyedKeySignsNothing() {
        MlDsaKey key = MlDsaKey.generate(new CountedRandom("destroyed"));
        byte[] message = new Dice(1).bytes(100);
        Octets signature = key.sign(message);
        assertThat(MlDsaKey.of(key.seed()).sign(message)).isEqualTo(signature);
        key.destroy();
        assertThatThrownBy(() -> key.sign(message)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(key::seed).isInstanceOf(IllegalStateException.class);
        assertThat(MlDsaKey.verify(key.publicKey(), message, signature)).isTrue();
        assertThatThrownBy(() -> MlDsaKey.of(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }
}

package io.kiroku.evidence.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A timestamping authority that nobody here wrote: {@code openssl ts} with a certificate authority and keys of its own in
 * a directory.
 */
public final class OpensslTsa {
    private static final long BOUND_SECONDS = 60;

    private static final String CONFIG = """
        [ req ]
        distinguished_name = dn
        prompt = no
        [ dn ]
        CN = unnamed
        [ ca ]
        basicConstraints = critical, CA:true
        keyUsage = critical, keyCertSign, cRLSign
        subjectKeyIdentifier = hash
        [ signer ]
        basicConstraints = critical, CA:false
        keyUsage = critical, digitalSignature
        extendedKeyUsage = critical, timeStamping
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        [ tsa ]
        default_tsa = settings
        [ settings ]
        serial = ./serial
        signer_cert = ./tsa.pem
        certs = ./ca.pem
        signer_key = ./tsa.key
        signer_digest = sha256
        default_policy = 1.3.6.1.4.1.32473.1
        digests = sha256, sha384, sha512
        accuracy = secs:1, millisecs:500
        clock_precision_digits = 3
        ordering = no
        tsa_name = yes
        ess_cert_id_chain = no
        ess_cert_id_alg = sha256
        """;

    /** What came of a command; both its outputs are in the text. */
    public record Outcome(int status, String text) {}

    private final Path directory;

    private OpensslTsa(Path directory) {
        this.directory = directory;
    }

    /** An authority with keys on the curve P-256, and a certificate that is valid from now on for ten years. */
    public static OpensslTsa in(Path directory, String name) throws IOException, InterruptedException {
        return in(directory, name, 3650, "EC", "ec_paramgen_curve:P-256");
    }

    /**
     * An authority.
     *
     * @param days that its signing certificate is valid from now on; its issuer's is for thirty years
     * @param algorithm of {@code openssl genpkey}
     * @param options of that algorithm
     */
    public static OpensslTsa in(Path directory, String name, int days, String algorithm, String... options)
            throws IOException, InterruptedException {
        skipWithoutOpenssl();
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("openssl.cnf"), CONFIG);
        OpensslTsa tsa = new OpensslTsa(directory);
        for (String key : List.of("ca.key", "tsa.key")) {
            List<String> command = new ArrayList<>(List.of("genpkey", "-algorithm", algorithm, "-out", key));
            for (String option : options) {
                command.addAll(List.of("-pkeyopt", option));
            }
            tsa.must(command.toArray(String[]::new));
        }
        tsa.must(("req -x509 -new -sha256 -config openssl.cnf -extensions ca -key ca.key -days 10950 -out ca.pem -subj"
                        + " /CN="
                        + name + "-root")
                .split(" "));
        tsa.must(
                ("req -new -config openssl.cnf -key tsa.key -out tsa.csr -subj /O=Kiroku-tests/CN=" + name).split(" "));
        tsa.must(("x509 -req -sha256 -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile openssl.cnf"
                        + " -extensions signer -out tsa.pem -days " + days)
                .split(" "));
        return tsa;
    }

    /** The certificate to trust, in PEM. */
    public Path ca() {
        return directory.resolve("ca.pem");
    }

    /** What {@link #ca} holds. */
    public TrustAnchors anchors() throws Exception {
        return TrustAnchors.of(TrustAnchors.parsePem(Files.readAllBytes(ca())));
    }

    /** Answers a request. One at a time: the serial number is a file. */
    public synchronized byte[] reply(byte[] request) throws IOException, InterruptedException {
        Files.write(directory.resolve("query.tsq"), request);
        must(
                "ts",
                "-reply",
                "-config",
                "openssl.cnf",
                "-section",
                "settings",
                "-queryfile",
                "query.tsq",
                "-out",
                "reply.tsr");
        return Files.readAllBytes(directory.resolve("reply.tsr"));
    }

    /** What {@code openssl ts -verify} says of data and a response. */
    public synchronized Outcome verify(byte[] data, byte[] response) throws IOException, InterruptedException {
        Files.write(directory.resolve("data"), data);
        Files.write(directory.resolve("verified.tsr"), response);
        return openssl("ts", "-verify", "-data", "data", "-in", "verified.tsr", "-CAfile", "ca.pem");
    }

    private void must(String... arguments) throws IOException, InterruptedException {
        Outcome outcome = openssl(arguments);
        assertEquals(0, outcome.status(), () -> String.join(" ", arguments) + ": " + outcome.text());
    }

    /** Runs {@code openssl} in the authority's directory. */
    public Outcome openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(directory, "output", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                fail(command + " did not end within " + BOUND_SECONDS + " s");
            }
            return new Outcome(process.exitValue(), new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }

    private static void skipWithoutOpenssl() throws InterruptedException {
        try {
            new ProcessBuilder("openssl", "version")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException absent) {
            String sentence = "NOT TESTED: timestamps of others, because there is no program openssl here";
            System.err.println(sentence);
            if (Boolean.parseBoolean(System.getenv("CI"))) {
                fail(sentence);
            }
            abort(sentence);
        }
    }
}

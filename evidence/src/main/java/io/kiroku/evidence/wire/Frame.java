package io.kiroku.evidence.wire;

import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an agent and a collector say to each other, over one ordered connection. The agent greets, the collector answers
 * where its copy of the stream ends and what it lacks of it, the agent sends segments from there, the collector sends receipts.
 */
public sealed interface Frame {
    /** The version of this protocol. */
    int VERSION = 1;

    /**
     * Agent to collector, once, first.
     *
     * @param version {@link #VERSION}
     * @param stream 16 bytes
     * @param node the node's name, 1 to 253 bytes of UTF-8
     * @param software name and version of the agent, at most 64 bytes of UTF-8
     */
    record Hello(int version, Octets stream, String node, String software) implements Frame {}

    /**
     * Collector to agent, once, in answer to the greeting.
     *
     * @param collector the public key that receipts are signed with, 32 bytes
     * @param wallNanos the collector's clock, nanoseconds since the Unix epoch
     * @param head the last segment of the stream that is on stable storage here; null if there is none
     */
    record Welcome(
            Octets collector, long wallNanos, @Nullable Head head) implements Frame {}

    /**
     * The end of a stream as the collector has it.
     *
     * @param sequence from 1
     * @param hash of that segment
     * @param epoch of that segment, from 1
     * @param nextFile the lowest file id that the stream has not used, from 1
     * @param undeclared segments before it that the collector lacks and nobody has declared lost, {@link #MOST_UNDECLARED}
     *     ranges at most
     */
    record Head(long sequence, Octets hash, long epoch, int nextFile, List<LostSegments.Range> undeclared) {
        /** No more ranges are told at once. */
        public static final int MOST_UNDECLARED = 64;

        public Head {
            undeclared = List.copyOf(undeclared);
        }
    }

    /**
     * Agent to collector: a segment as sealed.
     *
     * @param bytes its bytes; a decoded frame refers to the buffer that it was decoded from
     */
    record SegmentFrame(ByteBuffer bytes) implements Frame {}

    /**
     * Collector to agent: this segment and all before it are verified, on stable storage, and in the published log.
     *
     * @param index of the segment's header in the log, from 0
     * @param tree the log as it was published then: whoever holds the receipt can ask for a proof that every later tree
     *     begins with it, and has the segment's header at the index
     * @param wallNanos the collector's clock, nanoseconds since the Unix epoch
     * @param signature by the collector's key over what {@link Receipts} defines, 64 bytes
     */
    record Receipt(
            Octets stream, long sequence, Octets hash, long index, TreeHead tree, long wallNanos, Octets signature)
            implements Frame {}

    /**
     * Collector to agent: this segment, or the greeting, is not accepted. The connection ends after it.
     *
     * @param sequence of the segment, 0 if the greeting is meant
     * @param sentence what was expected and what was found, at most 1,024 bytes of UTF-8
     */
    record Refusal(RefusalCode code, long sequence, String sentence) implements Frame {}

    /**
     * Agent to collector, instead of a greeting: the agent asks for a certificate. The collector answers with a certificate or
     * a refusal, and the connection ends.
     *
     * @param version {@link #VERSION}
     * @param stream 16 bytes
     * @param node the node's name, 1 to 253 bytes of UTF-8
     * @param proof what shows that the agent is that node's
     * @param secret the proof itself, at most {@link #MOST_SECRET} bytes of UTF-8; empty if the connection is the proof
     * @param request PKCS #10 (RFC 2986) in DER, 1 to {@link #MOST_REQUEST} bytes
     */
    record Enrol(int version, Octets stream, String node, Proof proof, String secret, Octets request) implements Frame {
        /** Of a token or a code, in bytes. */
        public static final int MOST_SECRET = 16 << 10;

        /** Of a request for a certificate, in bytes. */
        public static final int MOST_REQUEST = 8 << 10;

        /** It holds a secret, so it is not shown. */
        @Override
        public String toString() {
            return "Enrol[node=%s, proof=%s]".formatted(node, proof);
        }
    }

    /** What shows that an agent is a node's. */
    enum Proof {
        /** The certificate that the connection was made with: it is to be renewed. */
        CERTIFICATE(0),
        /** A code that is good for one use: its secret in 32 hexadecimal digits. */
        CODE(1),
        /** The token of a Kubernetes service account, bound to the agent's pod. */
        TOKEN(2);

        private final int code;

        Proof(int code) {
            this.code = code;
        }

        /** The number by which the constant is written; never given to another. */
        public int code() {
            return code;
        }
    }

    /**
     * Collector to agent, in answer to {@link Enrol}.
     *
     * @param certificate X.509 in DER, 1 to {@link #MOST_CERTIFICATE} bytes
     * @param authorities those that the collector's own certificate is of, as the certificate; 1 to {@link #MOST_AUTHORITIES}
     */
    record Certificate(Octets certificate, List<Octets> authorities) implements Frame {
        public static final int MOST_CERTIFICATE = 4 << 10;
        public static final int MOST_AUTHORITIES = 4;

        public Certificate {
            authorities = List.copyOf(authorities);
        }
    }

    /** Why a collector refuses. */
    enum RefusalCode {
        /** The agent speaks another version, or bytes that are no frame. */
        PROTOCOL(0),
        /** The agent may not send this stream. */
        IDENTITY(1),
        /** The segment is not what was sealed. */
        UNSOUND(2),
        /** The segment contradicts the chain that the collector has; it was kept aside. */
        FORKED(3),
        /** Segments between the collector's end of the stream and this one are missing, and it does not restate. */
        AHEAD(4),
        /** The collector cannot store at the moment; the agent should try again later. */
        UNAVAILABLE(5);

        private final int code;

        RefusalCode(int code) {
            this.code = code;
        }

        /** The number by which the constant is written; never given to another. */
        public int code() {
            return code;
        }
    }
}

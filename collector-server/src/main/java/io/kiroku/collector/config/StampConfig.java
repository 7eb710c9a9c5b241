package io.kiroku.collector.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;

/**
 * Who stamps the log's checkpoints, and how often.
 *
 * @param authorities where each is asked, in an order that is kept: a token's file has the number of its authority; none
 *     if nothing is to be stamped
 * @param every how long after a stamp an authority is asked again: {@link #LEAST} to {@link #MOST}
 */
public record StampConfig(List<URI> authorities, Duration every) {
    public static final Duration DEFAULT_EVERY = Duration.ofHours(1);
    public static final Duration LEAST = Duration.ofSeconds(1);
    public static final Duration MOST = Duration.ofDays(31);

    /** More than anybody needs. */
    public static final int MOST_AUTHORITIES = 16;

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if they are not kept; the message is for people
     */
    public StampConfig {
        authorities = List.copyOf(authorities);
        if (authorities.size() > MOST_AUTHORITIES) {
            throw new IllegalArgumentException("expected at most %d timestamping authorities, found %d"
                    .formatted(MOST_AUTHORITIES, authorities.size()));
        }
        if (every.compareTo(LEAST) < 0 || every.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "expected 1 s to 31 days between two timestamps, found %s s".formatted(every.toSeconds()));
        }
    }

    /**
     * Reads where an authority is asked.
     *
     * @throws IllegalArgumentException if it is no URL of HTTP; the message is for people
     */
    public static URI authority(String text) {
        try {
            URI url = new URI(text);
            boolean isHttp = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (isHttp && url.getHost() != null && url.getUserInfo() == null && url.getFragment() == null) {
                return url;
            }
        } catch (URISyntaxException noUrl) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "expected the URL of a timestamping authority such as http://tsa.example.org/tsr, found \"%s\""
                        .formatted(text));
    }
}

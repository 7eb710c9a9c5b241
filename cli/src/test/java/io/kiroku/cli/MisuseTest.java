package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MisuseTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    /** Exit status, arguments, the sentence without its prefix. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        2 | nonsense                              | expected a command, found "nonsense"
        2 | --nonsense                            | Unknown option: '--nonsense'
        2 | sources more                          | expected no more arguments, found "more"
        2 | sources --data a --collector b        | --data and --collector exclude each other
        2 | sources --collector ftp://x           | expected the URL of a collector such as http://127.0.0.1:4480, found "ftp://x"
        2 | sources --collector 'a b'             | expected the URL of a collector such as http://127.0.0.1:4480, found "a b"
        2 | sources --data a --context b          | --data and what chooses a cluster's collector exclude each other
        2 | sources --collector a --context b     | --collector and what chooses a cluster's collector exclude each other
        1 | sources --kubeconfig /nowhere         | no such file: /nowhere
        2 | completion                            | Missing required parameter: 'SHELL'
        2 | completion ksh                        | Invalid value for positional parameter at index 0 (SHELL): expected one of [BASH, ZSH, FISH] (case-insensitive) but was 'ksh'
        1 | sources --data /nowhere               | no such directory: /nowhere; --data names the directory of a collector's data, kiroku up makes one
        1 | sources --data /proc                  | /proc holds no collector's data (it has no directory volumes)
        1 | sources --collector http://127.0.0.1:1 | the collector at http://127.0.0.1:1 does not answer: the connection was refused
        2 | logs                                  | name a POD, sources by their path with --path GLOB, or a --unit; kiroku sources lists what there is
        2 | logs -n x --path y                    | a namespace goes with a POD, and none is named
        2 | logs -c x --path y                    | a container, a restart and a uid go with a POD, and none is named
        2 | logs web -A -n x                      | -A and -n exclude each other
        2 | logs web -p --restart 1               | --previous and --restart exclude each other
        2 | logs web --previous=all --restart 1   | --previous and --restart exclude each other
        2 | logs web -l app=web                   | -l chooses pods by their labels: a POD or KIND/NAME does not go with it

        2 | logs -l app!web                       | expected a comma or the end in a label selector such as app=web,tier!=db, found "!web"
        2 | logs deploy/web --uid x               | a uid goes with one POD, not with several
        2 | logs deploy/                          | expected a POD, or KIND/NAME such as deploy/web, found "deploy/"
        2 | logs web -c x --all-containers        | -c and --all-containers exclude each other
        2 | logs web --raw --prefix               | --prefix names the pods of lines: it goes with pods, and not with --raw
        2 | pods -A -n x                          | -A and -n exclude each other
        2 | pods -l =                             | expected a label's key in a label selector such as app=web,tier!=db, found "="
        2 | pods -o yaml                          | Invalid value for option '--output': expected one of [WIDE, JSON, NAME] (case-insensitive) but was 'yaml'
        2 | pods --since soon                     | expected a time such as 2026-01-31T09:30:00Z or a duration such as 10m, 2h or 1h30m, found "soon"
        1 | pods --data /nowhere                  | no such directory: /nowhere; --data names the directory of a collector's data, kiroku up makes one
        2 | crash deploy/                         | expected a POD, or KIND/NAME such as deploy/web, found "deploy/"
        2 | crash web --lines 1000                | expected 0 to 100 lines of each instance, found 1000
        2 | crash deploy/web --uid x              | a uid goes with one POD, not with deployment/web
        2 | logs web --restart first              | expected the number of a restart from 0, or all, found "first"
        2 | logs web --tail -2                    | expected a number of lines from 0 for --tail, or -1 for all, found -2
        2 | logs web --tail x                     | Invalid value for option '--tail': 'x' is not a long
        2 | logs web --since soon                 | expected a time such as 2026-01-31T09:30:00Z or a duration such as 10m, 2h or 1h30m, found "soon"
        2 | logs web --since 1m --until 1h        | --since 2026-03-01T09:59:00Z is later than --until 2026-03-01T09:00:00Z
        2 | logs web --raw --timestamps           | --raw writes whole files byte for byte: --timestamps, --since, --until and --tail do not go with it
        2 | logs web -f --until 1h                | --follow has no end: --until does not go with it
        2 | verify                                | name what to verify: a PATH, or a collector with --collector URL
        2 | verify /nowhere                       | no such file or directory: /nowhere
        2 | verify /etc/passwd                    | /etc/passwd is neither a collector's data directory, nor a ring or an agent's state directory, nor a segment file, nor an evidence bundle
        2 | custody --since soon                  | expected a time such as 2026-01-31T09:30:00Z or a duration such as 10m, 2h or 1h30m, found "soon"
        2 | custody --data a --collector b        | --data and --collector exclude each other
        1 | custody --data /proc                  | /proc holds no collector's data (it has no directory volumes)
        2 | audit --since soon                    | expected a time such as 2026-01-31T09:30:00Z or a duration such as 10m, 2h or 1h30m, found "soon"
        2 | audit --since 1m --until 1h           | --since 2026-03-01T09:59:00Z is later than --until 2026-03-01T09:00:00Z
        2 | audit --limit 0                       | expected a number of events from 1 to 20000, found 0
        1 | audit --data /nowhere                 | no such directory: /nowhere; --data names the directory of a collector's data, kiroku up makes one
        2 | audit webhook-config                  | Missing required option: '--collector=URL'
        2 | audit webhook-config --collector http://c.example.com | audit events and a token go to https or to this machine alone, and http://c.example.com is neither
        2 | audit webhook-config --collector https://c --ca /etc/passwd | --ca: expected certificates in PEM in /etc/passwd, found none
        2 | audit webhook-config --collector https://c --client-key k | expected --token-file, or --client-certificate and --client-key, found a part or both
        2 | agents                                | expected list, pin, replace or revoke
        2 | ring                                  | Missing required option: '--state=DIR'
        2 | ring --state x                        | expected list or dump after the options
        1 | ring --state /nowhere list            | /nowhere holds no ring: expected an agent's state directory
        2 | ring --state x dump --raw --segments y | --segments writes whole segments: --raw and --path do not go with it
        2 | segment                               | expected extract
        2 | segment extract                       | Missing required option: '--sequence=N'
        2 | segment extract --sequence 1 --stream xyz | expected a stream's id in hexadecimal, found "xyz"
        2 | segment extract --sequence 1 --data a --ring b | --data and --ring exclude each other
        2 | log                                   | expected check-inclusion, check-consistency, check-note or check-receipt
        2 | log check-note x                      | Missing required option: '--key=VKEY'
        2 | log check-inclusion                   | Missing required options: '--index=N', '--size=N', '--leaf-hash=HEX', '--root=HEX'
        2 | train                                 | Missing required options: '--launcher=FILE', '--output=FILE'
        2 | keys                                  | expected list, create, rotate, retire or revoke
        2 | keys list                             | name a collector's data with --data DIR, or an agent's state with --state DIR
        2 | keys rotate log                       | expected --data DIR for the key log, found none
        2 | keys rotate identity --data x         | expected --state DIR for the key identity, found none
        1 | keys rotate identity --state /nowhere | expected the state directory of an agent that has run, found none in /nowhere
        1 | keys revoke xyz --since 1h --reason r --data x | no such directory: x; --data names the directory of a collector's data, kiroku up makes one
        2 | time                                  | expected request, verify or record
        2 | time request                          | Missing required parameter: 'FILE'
        2 | time request /nowhere                 | no such file or directory: /nowhere
        2 | time request /etc                     | expected a file, found the directory /etc
        2 | time verify                           | Missing required options: '--data=FILE', '--token=FILE.tsr', '--ca=PEM'
        2 | time verify --data x --token /etc/passwd --ca /nowhere | no such file or directory: /nowhere
        2 | time verify --data x --token /etc/passwd --ca /etc/passwd | /etc/passwd: expected a certificate in PEM (-----BEGIN CERTIFICATE-----), found none
        2 | collector                             | Missing required option: '--data=DIR'
        2 | collector --data x --enroll | --enroll needs --tls-name HOST as well: what agents call this collector, or --tls DIR
        2 | collector --data x --connections-per-address 0 | expected 1 to 10000 connections of an address, found 0
        2 | collector --data x --tls-name h | --tls-name and --enroll-account are for enrolment: give --enroll as well
        2 | collector --data x --enroll --tls-name h --enroll-account a | expected a service account as NAMESPACE:NAME, found "a"
        2 | collector --data x --enroll --tls-name h --certificate-life 1s | expected certificates to be valid for 10 seconds to 365 days, found PT1S
        2 | enroll --data x --node n --valid 8d | expected a code to be good for 1 second to 7 days, found "8d"
        1 | enroll --data x --node n | no collector was started in x yet (it has no file collector.key)
        2 | agent --node n --state x --collector localhost:1 --enroll-token f | --enroll-token needs --enroll-ca FILE as well: a token is shown to a collector that is known only
        2 | agent --node n --state x --collector localhost:1 --tls d --enroll f | --tls and --enroll are two ways to a certificate: give one of them
        2 | collector --data x --listen 0.0.0.0:1 | listen: 0.0.0.0 is not a loopback address, and without --tls or --enroll a collector listens on loopback only (127.0.0.1 or [::1])
        2 | collector --data x --http nonsense    | expected HOST:PORT with a port of 0 to 65535, found "nonsense"
        2 | agent                                 | Missing required options: '--node=NAME', '--state=DIR', '--collector=HOST:PORT'
        2 | agent --node n --state s --collector c | --collector: expected HOST:PORT with a port of 0 to 65535, found "c"
        2 | agent --node n --state s --collector 127.0.0.1:1 --ring-size 1KiB | expected a size from 16.0 MiB to 1.00 TiB, found "1KiB"
        2 | agent --node n --state s --collector 127.0.0.1:1 --metrics 192.0.2.1:1 | metrics are served on loopback only, until callers can be known; not on /192.0.2.1:1
        2 | agent --node n --state s --collector 127.0.0.1:1 --logs relative | expected an absolute path of files, such as /var/log/*.log, found "relative"
        """)
    void isAnsweredWithOneSentence(int status, String arguments, String sentence) {
        String[] words = arguments.replace("'a b'", "a\u00a0b").split(" +");
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].replace('\u00a0', ' ');
        }
        Console.Result result = new Console().at(NOW).run(words);
        assertThat(result.status()).as("%s", result).isEqualTo(status);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines().findFirst()).contains("kiroku: " + sentence);
        assertThat(result.err().lines()).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void withoutACommandThereIsHelp() {
        Console.Result result = new Console().run();
        assertThat(result.status()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("up ", "demo", "sources", "logs", "verify", "collector", "agent", "ring");
    }

    @Test
    void everyCommandHasHelp() {
        for (List<String> command : List.of(
                List.of("up"),
                List.of("demo"),
                List.of("sources"),
                List.of("logs"),
                List.of("audit"),
                List.of("audit", "webhook-config"),
                List.of("verify"),
                List.of("custody"),
                List.of("collector"),
                List.of("agent"),
                List.of("ring"),
                List.of("completion"),
                List.of("segment"),
                List.of("segment", "extract"),
                List.of("log"),
                List.of("log", "check-inclusion"),
                List.of("log", "check-consistency"),
                List.of("log", "check-note"),
                List.of("time"),
                List.of("time", "request"),
                List.of("time", "verify"))) {
            String[] arguments =
                    Stream.concat(command.stream(), Stream.of("--help")).toArray(String[]::new);
            Console.Result result = new Console().run(arguments);
            assertThat(result.status()).as("%s", command).isZero();
            assertThat(result.out())
                    .as("%s", command)
                    .startsWith("kiroku " + String.join(" ", command))
                    .contains("--help", "Exit status:");
            assertThat(result.lines()).as("%s", command).allMatch(line -> line.length() <= 100);
        }
    }

    @Test
    void theVersionIsTold() {
        assertThat(new Console().run("--version").out()).startsWith("kiroku ").contains("Java 2");
    }

    @Test
    void verboseShowsWhere() {
        assertThat(new Console().run("-v", "sources", "--data", "/nowhere").err())
                .startsWith("kiroku: no such directory")
                .contains("at io.kiroku.cli.");
        assertThat(new Console().run("sources", "--data", "/nowhere").err()).doesNotContain("at io.kiroku");
    }
}

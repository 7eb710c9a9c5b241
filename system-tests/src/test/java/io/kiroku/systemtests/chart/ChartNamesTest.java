package io.kiroku.systemtests.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the chart names is there: options of the commands, metrics, runbooks. */
final class ChartNamesTest {
    private static final Path FULL = Chart.ROOT.resolve("system-tests/src/test/resources/chart/full-values.yaml");
    private static final Pattern METRIC = Pattern.compile("\\b(?:kiroku_(?:agent|collector)|kube|up)_\\w+");
    private static final Pattern DECLARED = Pattern.compile(
            "(counter|gauge|seconds|CounterMetricFamily|GaugeMetricFamily|=)\\s*\\(?\\s*(?:\"(kiroku_agent_\\w+)\"|(?:PREFIX \\+"
                    + " )?\"([a-z]\\w+)\")");

    /** What others export, and the chart asks for. */
    private static final Set<String> OF_OTHERS = Set.of("kube_daemonset_status_desired_number_scheduled");

    private PretendCluster cluster;
    private String full = "";

    @BeforeEach
    void render() throws IOException {
        cluster = new PretendCluster();
        full = Chart.render(List.of(FULL), Map.of());
    }

    @AfterEach
    void endCluster() {
        cluster.close();
    }

    @Test
    void everyArgumentIsOneThatTheCommandTakes() throws ClassNotFoundException {
        for (List<Map<String, Object>> objects : List.of(Chart.objects(Map.of()), Chart.parse(full))) {
            assertTaken("AgentCommand", Chart.arguments(Chart.find(objects, "DaemonSet", "-agent")));
            assertTaken("CollectorCommand", Chart.arguments(Chart.find(objects, "StatefulSet", "-collector")));
        }
    }

    private static void assertTaken(String command, List<String> arguments) throws ClassNotFoundException {
        CommandLine line = new CommandLine(Class.forName("io.kiroku.cli." + command));
        line.setUnmatchedOptionsArePositionalParams(false).setCaseInsensitiveEnumValuesAllowed(true);
        assertThat(arguments.getFirst()).isEqualTo(line.getCommandName());
        String[] options = arguments.subList(1, arguments.size()).toArray(String[]::new);
        assertThatCode(() -> line.parseArgs(options)).as("%s", arguments).doesNotThrowAnyException();
    }

    @Test
    void everyMetricIsExported() throws IOException {
        Set<String> exported = new TreeSet<>(OF_OTHERS);
        exported.addAll(declared("agent/src/main/java/io/kiroku/agent/metrics/AgentMetrics.java", ""));
        exported.addAll(declared(
                "collector-server/src/main/java/io/kiroku/collector/serve/CollectorMetrics.java", "kiroku_collector_"));
        exported.addAll(declared(
                "collector-server/src/main/java/io/kiroku/collector/serve/ClusterMetrics.java", "kiroku_collector_"));
        String named = full + Files.readString(Chart.DIRECTORY.resolve("dashboards/kiroku.json"));
        Set<String> asked = new TreeSet<>();
        Matcher matcher = METRIC.matcher(named);
        while (matcher.find()) {
            asked.add(matcher.group());
        }
        assertThat(asked).hasSizeGreaterThan(25);
        assertThat(exported).containsAll(asked);
    }

    /** The names under which the exporter has what the source declares: those of counters end in _total. */
    private static Set<String> declared(String source, String prefix) throws IOException {
        Set<String> names = new TreeSet<>();
        Matcher matcher = DECLARED.matcher(Files.readString(Chart.ROOT.resolve(source)));
        while (matcher.find()) {
            String name = matcher.group(2) != null ? matcher.group(2) : prefix + matcher.group(3);
            if (matcher.group(1).equals("=")) {
                Stream.of("_bucket", "_sum", "_count").forEach(part -> names.add(name + part));
            } else {
                names.add(matcher.group(1).toLowerCase(Locale.ROOT).startsWith("counter") ? name + "_total" : name);
            }
        }
        assertThat(names).isNotEmpty();
        return names;
    }

    @Test
    void everyAlertHasItsRunbook() throws IOException {
        String operations = Files.readString(Chart.ROOT.resolve("docs/OPERATIONS.md"));
        Matcher alerts = Pattern.compile("- alert: (\\w+)").matcher(full);
        int count = 0;
        while (alerts.find()) {
            count++;
            assertThat(operations).contains("\n### " + alerts.group(1) + "\n");
        }
        assertThat(count).isGreaterThan(15);
    }
}

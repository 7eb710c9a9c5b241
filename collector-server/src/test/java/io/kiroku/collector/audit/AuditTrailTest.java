package io.kiroku.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AuditTrailTest {
    private static final Seen FILE = seen("cp-1", "/var/log/kubernetes/audit/audit.log", 1);
    private static final Seen WEBHOOK = seen("@collector", "/kiroku/audit", 2);

    private static Seen seen(String node, String path, int stream) {
        byte[] id = new byte[16];
        id[0] = (byte) stream;
        return new Seen(node, Octets.of(id), 7, FilePath.of(path));
    }

    private static AuditEvent parse(String json) {
        byte[] line = json.getBytes(StandardCharsets.UTF_8);
        return AuditEvent.parse(line, line.length).orElseThrow();
    }

    private static void add(AuditTrail trail, String json, Seen where) {
        trail.add(parse(json), json, where);
    }

    private static AuditRequest limited(int limit) {
        return new AuditRequest(
                Optional.empty(),
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                limit);
    }

    private static AuditTrail.Answer answer(AuditTrail trail) {
        return trail.answer(List.of(), List.of());
    }

    @Test
    void whatSeveralSourcesHaveIsThereOnce() {
        AuditTrail trail = new AuditTrail(AuditRequest.ALL);
        String deletion = Events.deletion("a", 5, "alice", "shop", "web-0");
        String received = Events.event("a", "RequestReceived", 4, "alice", "delete", Events.pod("shop", "web-0"));
        add(trail, deletion, WEBHOOK);
        add(trail, deletion, WEBHOOK);
        add(trail, Events.logged(received), FILE);
        add(trail, Events.logged(deletion), FILE);
        AuditTrail.Answer answer = answer(trail);
        assertThat(answer.events())
                .extracting(recorded -> recorded.event().stage())
                .containsExactly("RequestReceived", "ResponseComplete");
        assertThat(answer.events().getLast().seen()).containsExactly(WEBHOOK, FILE);
        assertThat(answer.events().getLast().json()).isEqualTo(deletion);
        assertThat(answer.events()).noneMatch(Recorded::isDisputed);
        assertThat(answer.isAll()).isTrue();
    }

    @Test
    void whatSourcesSayDifferentlyIsThereTwiceAndDisputed() {
        AuditTrail trail = new AuditTrail(AuditRequest.ALL);
        add(trail, Events.deletion("a", 5, "alice", "shop", "web-0"), WEBHOOK);
        add(trail, Events.logged(Events.deletion("a", 5, "mallory", "shop", "web-0")), FILE);
        add(trail, Events.deletion("b", 5, "alice", "shop", "web-1"), WEBHOOK);
        add(trail, Events.logged(Events.deletion("b", 6, "alice", "shop", "web-1")), FILE);
        add(trail, Events.deletion("c", 5, "alice", "shop", "web-2"), WEBHOOK);
        assertThat(answer(trail).events())
                .filteredOn(Recorded::isDisputed)
                .extracting(recorded -> recorded.event().auditId())
                .containsExactlyInAnyOrder("a", "a", "b", "b");
    }

    @Test
    void theNewestAreKeptWhateverTheOrder() {
        AuditTrail trail = new AuditTrail(limited(3));
        for (int second : new int[] {5, 1, 9, 7, 2, 8, 7}) {
            add(trail, Events.deletion("id-" + second, second, "alice", "shop", "web"), FILE);
        }
        assertThat(answer(trail).events())
                .extracting(recorded -> recorded.event().auditId())
                .containsExactly("id-7", "id-8", "id-9");
        assertThat(answer(trail).isAll()).isFalse();
    }

    @Test
    void requestsAskForWhatTheySay() {
        AuditEvent event = parse(Events.event(
                "a",
                "ResponseComplete",
                5,
                "system:serviceaccount:shop:ci",
                "create",
                "{\"resource\":\"deployments\",\"apiGroup\":\"apps\",\"subresource\":\"scale\",\"namespace\":\"shop\","
                        + "\"name\":\"web\"}"));
        assertThat(event.target().kind()).isEqualTo("deployments.apps/scale");
        Map<String, String> fitting = Map.of(
                "user", "system:serviceaccount:*",
                "verb", "get, create",
                "resource", "deployments.apps/scale",
                "namespace", "shop",
                "name", "web",
                "since", Events.START.plusSeconds(5).toString(),
                "until", Events.START.plusSeconds(5).toString());
        assertThat(AuditRequest.read(fitting, Events.START).includes(event)).isTrue();
        Map<String, List<String>> others = Map.of(
                "user", List.of("system:serviceaccount", "x*"),
                "verb", List.of("delete"),
                "resource", List.of("deployments/status", "deployments.batch", "pods"),
                "namespace", List.of("pay"),
                "name", List.of("we"),
                "since", List.of(Events.START.plusSeconds(6).toString()),
                "until", List.of(Events.START.plusSeconds(4).toString()));
        others.forEach((name, values) -> values.forEach(value -> {
            assertThat(AuditRequest.read(Map.of(name, value), Events.START).includes(event))
                    .as("%s=%s", name, value)
                    .isFalse();
        }));
        for (String resource : List.of("deployments", "deployments.apps", "deployments/scale")) {
            assertThat(AuditRequest.read(Map.of("resource", resource), Events.START)
                            .includes(event))
                    .as(resource)
                    .isTrue();
        }
    }

    @Test
    void parametersGiveBackTheRequest() {
        Map<String, String> parameters = Map.of(
                "user",
                "a&b",
                "verb",
                "get,list",
                "resource",
                "pods/log",
                "namespace",
                "shop",
                "name",
                "web",
                "since",
                "2026-03-01T10:00:00Z",
                "until",
                "2026-03-01T11:00:00Z",
                "path",
                "/x/*.log",
                "limit",
                "7");
        AuditRequest request = AuditRequest.read(parameters, Events.START);
        Map<String, String> again = new HashMap<>();
        for (String pair : request.write().split("&", -1)) {
            String[] parts = pair.split("=", 2);
            again.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        assertThat(again).isEqualTo(parameters);
    }

    @Test
    void auditLogsAreKnownByTheirPaths() {
        for (String path : List.of(
                "/kiroku/audit",
                "/var/log/kubernetes/audit/audit.log",
                "/var/log/kube-apiserver/audit.log",
                "/var/lib/rancher/k3s/server/logs/audit.log")) {
            assertThat(AuditRequest.ALL.reads(FilePath.of(path))).as(path).isTrue();
        }
        for (String path :
                List.of("/var/log/audit/audit.log", "/var/log/pods/shop_audit_u1/audit/0.log", "/kiroku/custody")) {
            assertThat(AuditRequest.ALL.reads(FilePath.of(path))).as(path).isFalse();
        }
    }

    @Test
    void jsonGivesBackWhatWasFound() throws Exception {
        AuditTrail trail = new AuditTrail(AuditRequest.ALL);
        add(trail, Events.deletion("a", 5, "alice", "shop", "web-0"), WEBHOOK);
        add(trail, Events.deletion("a", 5, "mallory", "shop", "web-0"), FILE);
        AuditTrail.Answer answer = trail.answer(List.of("a note"), List.of("01:/x"));
        assertThat(AuditJson.read(AuditJson.write(answer).toString().getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(answer);
    }

    @Test
    void linesThatAreNoEventsAreNone() {
        for (String line : List.of(
                "",
                "{",
                "{}",
                "[1]",
                "type=SYSCALL msg=audit(1364481363.243:24287)",
                "{\"auditID\":\"a\",\"stage\":\"s\"}",
                "{\"auditID\":\"a\",\"stage\":\"s\",\"stageTimestamp\":\"yesterday\"}")) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            assertThat(AuditEvent.parse(bytes, bytes.length)).as(line).isEmpty();
        }
    }

    @Test
    void whoDeletedAPodIsFound() {
        AuditTrail trail = new AuditTrail(AuditRequest.ALL);
        String response = ",\"responseObject\":{\"kind\":\"Pod\",\"metadata\":{\"uid\":\"u2\"}}}";
        add(trail, Events.deletion("first", 1, "alice", "shop", "web-0"), FILE);
        String second = Events.deletion("second", 2, "bob", "shop", "web-0");
        add(trail, second.substring(0, second.length() - 1) + response, FILE);
        add(trail, Events.deletion("other", 3, "carol", "shop", "web-1"), FILE);
        add(trail, Events.deletion("elsewhere", 3, "dave", "pay", "web-0"), FILE);
        add(trail, Events.event("get", "ResponseComplete", 4, "eve", "get", Events.pod("shop", "web-0")), FILE);
        add(trail, Events.event("asked", "RequestReceived", 4, "eve", "delete", Events.pod("shop", "web-0")), FILE);
        add(trail, Events.deletion("refused", 4, "eve", "shop", "web-0").replace("\"code\":200", "\"code\":403"), FILE);
        add(
                trail,
                Events.deletion("dry", 4, "eve", "shop", "web-0").replace("/api/v1/x", "/api/v1/x?dryRun=All"),
                FILE);
        add(
                trail,
                Events.event(
                        "drain",
                        "ResponseComplete",
                        5,
                        "frank",
                        "create",
                        "{\"resource\":\"pods\",\"subresource\":\"eviction\",\"namespace\":\"shop\",\"name\":\"web-0\"}"),
                FILE);
        add(
                trail,
                Events.event(
                        "all",
                        "ResponseComplete",
                        6,
                        "grace",
                        "deletecollection",
                        "{\"resource\":\"pods\",\"namespace\":\"shop\"}"),
                FILE);
        Deletions deletions = Deletions.among(answer(trail).events());
        assertThat(deletions.of("shop", "web-0", "u2"))
                .extracting(Deletions.Deletion::user)
                .containsExactly("alice", "bob", "frank", "grace");
        assertThat(deletions.of("shop", "web-0", "u1"))
                .extracting(Deletions.Deletion::user)
                .containsExactly("alice", "frank", "grace");
        assertThat(deletions.of("shop", "web-0", ""))
                .extracting(Deletions.Deletion::how)
                .containsExactly(
                        Deletions.How.DELETED, Deletions.How.DELETED, Deletions.How.EVICTED, Deletions.How.WITH_OTHERS);
        assertThat(deletions.of("pay", "web-1", "")).isEmpty();
    }
}

package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KindNameTest {
    @ParameterizedTest
    @CsvSource(textBlock = """
        web-0,                Pod,         web-0
        po/web-0,             Pod,         web-0
        pods/web-0,           Pod,         web-0
        deploy/web,           Deployment,  web
        Deployment/web,       Deployment,  web
        deployments.apps/web, Deployment,  web
        sts/db,               StatefulSet, db
        ds/node,              DaemonSet,   node
        job/backup,           Job,         backup
        cj/backup,            CronJob,     backup
        rs/web-1,             ReplicaSet,  web-1
        rollout/web,          rollout,     web
        """)
    void namesAreReadAsKubectlReadsThem(String text, String kind, String name) {
        KindName read = KindName.parse(text);
        assertThat(read).isEqualTo(new KindName(kind, name));
        assertThat(KindName.parse(read.toString())).isEqualTo(read);
    }

    @Test
    void whatIsNoNameIsRefused() {
        for (String text : List.of("", "/", "deploy/", "/web", "a/b/c", "a".repeat(600))) {
            assertThatThrownBy(() -> KindName.parse(text))
                    .hasMessageStartingWith("expected a POD, or KIND/NAME such as deploy/web, found ");
        }
    }

    @Test
    void whatAnOwnersPodsAreCalled() {
        for (String pod : List.of(
                "deploy/web web-7d9f8c6b5-x2x4z",
                "rs/web-7d9f8c6b5 web-7d9f8c6b5-x2x4z",
                "sts/web web-12",
                "ds/web web-x2x4z",
                "job/web web-x2x4z",
                "job/web web-0-x2x4z",
                "cronjob/web web-28394820-x2x4z")) {
            String[] both = pod.split(" ", 2);
            assertThat(new PodGroup.Owned(KindName.parse(both[0])).mayHave(both[1]))
                    .as(pod)
                    .isTrue();
        }
        for (String pod :
                List.of("deploy/web web-0", "sts/web web-x2x4z", "ds/web webs-x2x4z", "rollout/web web-x2x4z")) {
            String[] both = pod.split(" ", 2);
            assertThat(new PodGroup.Owned(KindName.parse(both[0])).mayHave(both[1]))
                    .as(pod)
                    .isFalse();
        }
    }
}

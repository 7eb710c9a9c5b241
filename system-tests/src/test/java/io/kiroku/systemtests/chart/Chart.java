package io.kiroku.systemtests.chart;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The chart of this tree, and what Helm makes of it. */
final class Chart {
    static final Path ROOT =
            Path.of(System.getProperty("kiroku.root", "..")).toAbsolutePath().normalize();

    static final Path DIRECTORY = ROOT.resolve("charts/kiroku");
    static final String NAMESPACE = "flight";

    private static final String KUBERNETES = "1.32.0";

    /** A reader to which a field that Kubernetes does not know is an error: fabric8's classes would keep it. */
    private static final ObjectMapper STRICT = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            });

    private Chart() {}

    /** What is installed with these values, as Helm prints it. */
    static String render(List<Path> files, Map<String, String> values) {
        TemplateCommand command = new Helm(DIRECTORY)
                .template()
                .withName("kiroku")
                .withNamespace(NAMESPACE)
                .withKubeVersion(KUBERNETES);
        files.forEach(command::withValuesFile);
        values.forEach(command::set);
        return command.call();
    }

    /** What is installed with these values and the chart's defaults. */
    static List<Map<String, Object>> objects(Map<String, String> values) {
        return parse(render(List.of(), values));
    }

    /** The objects that Helm printed. */
    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> parse(String rendered) {
        List<Map<String, Object>> objects = new ArrayList<>();
        for (Object object : new Load(LoadSettings.builder().build()).loadAllFromString(rendered)) {
            if (object != null) {
                objects.add((Map<String, Object>) object);
            }
        }
        return objects;
    }

    /** The only object of that kind whose name ends so. */
    static Map<String, Object> find(List<Map<String, Object>> objects, String kind, String nameEnd) {
        return objects.stream()
                .filter(object ->
                        kind.equals(object.get("kind")) && name(object).endsWith(nameEnd))
                .reduce((one, other) -> {
                    throw new IllegalStateException("two of kind %s: %s".formatted(kind, name(other)));
                })
                .orElseThrow(() -> new NoSuchElementException("no %s that is called ...%s".formatted(kind, nameEnd)));
    }

    /**
     * The object as Kubernetes' own class of it.
     *
     * @throws IllegalArgumentException if there is no such class, or a field that it does not have
     */
    static KubernetesResource kubernetes(Map<String, Object> object) {
        String version = String.valueOf(object.get("apiVersion"));
        String kind = String.valueOf(object.get("kind"));
        Class<? extends KubernetesResource> type =
                new KubernetesSerialization().getRegisteredKubernetesResource(version, kind);
        if (type == null) {
            throw new IllegalArgumentException("Kubernetes has no %s of %s".formatted(kind, version));
        }
        return STRICT.convertValue(object, type);
    }

    /** The container's arguments of the only pod of that workload. */
    @SuppressWarnings("unchecked")
    static List<String> arguments(Map<String, Object> workload) {
        List<Map<String, Object>> containers =
                (List<Map<String, Object>>) at(workload, "spec", "template", "spec", "containers");
        return (List<String>) at(containers.getFirst(), "args");
    }

    /** What lies at the end of these names. */
    @SuppressWarnings("unchecked")
    static Object at(Map<String, Object> object, String... names) {
        Object found = object;
        for (String name : names) {
            Object next = ((Map<String, Object>) found).get(name);
            if (next == null) {
                throw new NoSuchElementException("no %s in %s".formatted(name, found));
            }
            found = next;
        }
        return found;
    }

    static String name(Map<String, Object> object) {
        return (String) at(object, "metadata", "name");
    }
}

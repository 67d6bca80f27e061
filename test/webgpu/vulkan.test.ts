// SwiftShader stands in for a GPU that is not there, and for no other.
import { expect, test } from "vitest";
import { vulkanEnvironment } from "./vulkan.js";

const CHROMIUM = { "/usr/lib/chromium": ["chromium", "vk_swiftshader_icd.json"] };
const DRIVER = { "/usr/share/vulkan/icd.d": ["nvidia_icd.json"] };
const SWIFTSHADER = {
  VK_ICD_FILENAMES: "/usr/lib/chromium/vk_swiftshader_icd.json",
  LD_LIBRARY_PATH: "/usr/lib/chromium:/mine",
};

test.each<[name: string, folders: Record<string, string[]>, env: NodeJS.ProcessEnv, expected: object]>([
  ["without a GPU", CHROMIUM, {}, SWIFTSHADER],
  ["with a driver, but no GPU for it", { ...CHROMIUM, ...DRIVER }, {}, SWIFTSHADER],
  ["with a screen that is no GPU", { ...CHROMIUM, ...DRIVER, "/dev/dri": ["card0"] }, {}, SWIFTSHADER],
  ["with a GPU, but no driver", { ...CHROMIUM, "/dev/dri": ["card0", "renderD128"] }, {}, SWIFTSHADER],
  ["with a GPU and its driver", { ...CHROMIUM, ...DRIVER, "/dev/dri": ["card0", "renderD128"] }, {}, {}],
  ["with a GPU in a container", { ...CHROMIUM, ...DRIVER, "/dev": ["null", "nvidia0"] }, {}, {}],
  ["with a driver that was named", CHROMIUM, { VK_ICD_FILENAMES: "mine.json" }, {}],
  ["without Chromium", {}, {}, {}],
])("the environment %s", (_, folders, env, expected) => {
  const found = vulkanEnvironment({ LD_LIBRARY_PATH: "/mine", ...env }, (folder) => folders[folder] ?? []);
  expect(found).toEqual(expected);
});

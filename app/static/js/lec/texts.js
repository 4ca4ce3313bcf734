/* The few sentences that scripts say, in the language of the page. */
const TH = {
  cancel: "ยกเลิก", confirm: "ยืนยัน", confirmTitle: "โปรดยืนยัน",
  unsaved: "มีข้อมูลที่ยังไม่ได้บันทึก หากออกจากหน้านี้ข้อมูลที่พิมพ์ไว้จะหายไป",
  selected: (n) => `เลือกแล้ว ${n} รายการ`, noneSelected: "ยังไม่ได้เลือกรายการ",
  concerns: (n) => `มีผลกับ ${n} รายการ`,
  searching: "กำลังค้นหา…", noResults: "ไม่พบรายการที่ตรงกับคำค้น", loadingMore: "กำลังโหลดเพิ่ม…",
  errorLoading: "โหลดรายการไม่สำเร็จ โปรดลองพิมพ์คำค้นอีกครั้ง", removeAll: "ล้างค่า",
  tooShort: (n) => `พิมพ์อีกอย่างน้อย ${n} ตัวอักษร`, searchLabel: "พิมพ์เพื่อค้นหา",
  pollFailed: "ติดต่อระบบไม่ได้ชั่วคราว กำลังลองใหม่ งานยังทำต่อไปตามปกติ",
  treeFailed: "เปิดรายการย่อยไม่สำเร็จ โปรดกดอีกครั้ง",
};
const EN = {
  cancel: "Cancel", confirm: "Confirm", confirmTitle: "Please confirm",
  unsaved: "There are unsaved changes. If you leave this page, what you typed is lost.",
  selected: (n) => `${n} selected`, noneSelected: "Nothing selected",
  concerns: (n) => `This concerns ${n} ${n === "1" ? "record" : "records"}.`,
  searching: "Searching…", noResults: "Nothing matches", loadingMore: "Loading more…",
  errorLoading: "The list could not be loaded. Please type again.", removeAll: "Clear",
  tooShort: (n) => `Type at least ${n} more characters`, searchLabel: "Type to search",
  pollFailed: "The system cannot be reached for a moment; trying again. The work goes on.",
  treeFailed: "Could not open this row. Please press again.",
};

export const text = document.documentElement.lang.startsWith("en") ? EN : TH;
